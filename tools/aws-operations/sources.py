"""The packages that the table is judged by: which they are, and their download.

sources.txt pins each by version and SHA-512, and a file counts by its hash
alone, whatever it is called. Nothing but what is pinned is read, so a newer
version judges only after a change of sources.txt that somebody looked at.
"""
import hashlib
import os
import subprocess
import sys
import tempfile
from collections import namedtuple

SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'sources.txt')

Source = namedtuple('Source', 'registry name version sha512')


def sources_of(text):
    """What sources.txt pins."""
    lines = [line.split('#')[0].split() for line in text.splitlines()]
    return [Source(*words) for words in lines if words]


def with_pins(text, sources):
    """The text of sources.txt with these pins, its comments kept."""
    comments = [line for line in text.splitlines() if line.startswith('#')]
    return '\n'.join(comments + [' '.join(source) for source in sources]) + '\n'


def read():
    with open(SOURCES, encoding='utf-8') as file:
        return file.read()


def pinned():
    return sources_of(read())


def hash_of(path):
    digest = hashlib.sha512()
    with open(path, 'rb') as file:
        for part in iter(lambda: file.read(1 << 20), b''):
            digest.update(part)
    return digest.hexdigest()


def find(directory, sources):
    """The file of each source by its name; ends the program where one is missing or another than pinned."""
    paths = [os.path.join(directory, name) for name in sorted(os.listdir(directory))]
    by_hash = {hash_of(path): path for path in paths if os.path.isfile(path)}
    for source in sources:
        if source.sha512 not in by_hash:
            sys.exit(f'{directory}: no file is {source.name} {source.version} by the hash in sources.txt; '
                     'run `generate fetch` with an empty directory')
    return {source.name: by_hash[source.sha512] for source in sources}


def fetch(directory, newest):
    """Downloads what is pinned, or, and pins it, the newest."""
    os.makedirs(directory, exist_ok=True)
    if os.listdir(directory):
        sys.exit(f'{directory}: not empty')
    text = read()
    sources = [download(source, directory, newest) for source in sources_of(text)]
    if newest:
        with open(SOURCES, 'w', encoding='utf-8', newline='\n') as file:
            file.write(with_pins(text, sources))
    find(directory, sources)
    for source in sources:
        print(f'{source.name} {source.version}')


def download(source, directory, newest):
    """The source, as pinned or as it came. Nothing of a package is run."""
    with tempfile.TemporaryDirectory(dir=directory) as place:
        if source.registry == 'npm':
            wanted = source.name if newest else f'{source.name}@{source.version}'
            subprocess.run(['npm', 'pack', '--silent', '--ignore-scripts', wanted], cwd=place, check=True,
                           stdout=subprocess.DEVNULL)
        else:
            wanted = source.name if newest else f'{source.name}=={source.version}'
            subprocess.run([sys.executable, '-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:',
                            '--dest', place, wanted], check=True)
        name, = os.listdir(place)
        path = os.path.join(directory, name)
        os.rename(os.path.join(place, name), path)
    if not newest:
        return source
    return source._replace(version=version_of(source, name), sha512=hash_of(path))


def version_of(source, name):
    """The version in the name of a package's file."""
    if source.registry == 'npm':
        stem = source.name.lstrip('@').replace('/', '-')
        return name[len(stem) + 1:-len('.tgz')]
    return name.split('-')[1]
