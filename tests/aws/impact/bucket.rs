//! A bucket of which nobody sees the end.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use super::{Room, decision, refused};

/// How many objects a page of S3 has.
const PAGE: usize = 1000;

/// Something that answers for a bucket as S3 does, with a next page behind every page.
struct Endless {
    url: String,
    /// What was asked, by path.
    asked: Arc<Mutex<Vec<String>>>,
}

impl Endless {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let heard = Arc::clone(&heard);
                std::thread::spawn(move || answer(stream, &heard));
            }
        });
        Self { url, asked }
    }

    /// How often something with this in its path was asked.
    fn times(&self, part: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|path| path.contains(part)).count()
    }
}

fn answer(mut stream: TcpStream, heard: &Mutex<Vec<String>>) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
    let Some(first) = lines.next() else { return };
    lines.take_while(|line| !line.is_empty()).for_each(drop);
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    heard.lock().unwrap().push(path.clone());
    let members = |kind: &str, more: &str| {
        let one = |at| format!("<{kind}><Key>{at}</Key>{more}<Size>1</Size></{kind}>");
        (0..PAGE).map(one).collect::<String>()
    };
    let (code, body) = if path.contains("list-type=2") {
        let more = "<IsTruncated>true</IsTruncated><NextContinuationToken>x</NextContinuationToken>";
        (200, format!("<ListBucketResult>{more}{}</ListBucketResult>", members("Contents", "")))
    } else if path.contains("versions") {
        let more = "<IsTruncated>true</IsTruncated><NextKeyMarker>x</NextKeyMarker><NextVersionIdMarker>y</NextVersionIdMarker>";
        let members = members("Version", "<VersionId>v</VersionId>");
        (200, format!("<ListVersionsResult>{more}{members}</ListVersionsResult>"))
    } else if path.contains("versioning") {
        (200, "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>".to_owned())
    } else {
        (404, "<Error><Code>NoSuchTagSet</Code></Error>".to_owned())
    };
    let length = body.len();
    let status = format!(
        "HTTP/1.1 {code} X\r\nContent-Type: application/xml\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    // Whoever has enough stops listening.
    let _ = stream.write_all((status + &body).as_bytes());
}

#[test]
fn no_more_is_counted_of_a_bucket_than_is_told() {
    let Some(room) = Room::new(&[]) else { return };
    for (line, told) in [
        (
            "s3 rb s3://all --force",
            "delete s3-bucket all (more than 1000 objects, more than 1000 versions, versioned)",
        ),
        (
            "s3 rm s3://all/2024 --recursive",
            "delete s3-objects all/2024 (more than 1000 objects, more than 1000 versions, versioned)",
        ),
    ] {
        let bucket = Endless::start();
        let said = refused(&room.agent(line).env("AWS_ENDPOINT_URL_S3", &bucket.url).output().unwrap());
        assert!(said.contains(told), "{line}: {said}");
        assert_eq!(decision(&room.world), "peer", "{line}");
        assert_eq!(bucket.times("list-type=2"), 2, "two pages are enough to know");
    }
}
