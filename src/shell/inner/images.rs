//! Container images whose entry point is a tool that acts on the world outside.

/// The last part of an image's name, and the tool that it starts; none where
/// it starts what it is given.
const IMAGES: &[(&str, Option<&str>)] = &[
    ("terraform", Some("terraform")),
    ("opentofu", Some("tofu")),
    ("tofu", Some("tofu")),
    ("aws-cli", Some("aws")),
    ("awscli", Some("aws")),
    ("aws-cli-v2", Some("aws")),
    ("kubectl", Some("kubectl")),
    ("k8s-kubectl", Some("kubectl")),
    ("helm", Some("helm")),
    ("k8s-helm", Some("helm")),
    ("docker-helm", Some("helm")),
    ("terragrunt", Some("terragrunt")),
    ("eksctl", Some("eksctl")),
    ("flux-cli", Some("flux")),
    ("argocd", Some("argocd")),
    ("packer", Some("packer")),
    ("pulumi", Some("pulumi")),
    ("vault", Some("vault")),
    ("consul", Some("consul")),
    ("nomad", Some("nomad")),
    ("helmfile", None),
    ("k8s", None),
    ("helm-kubectl", None),
    ("kubectl-shell", None),
    ("cloud-sdk", None),
    ("google-cloud-cli", None),
    ("google-cloud-sdk", None),
    ("azure-cli", None),
    ("terraform-aws-cli", None),
    ("ansible", None),
];

/// What an image starts: none where it is no such image.
#[expect(clippy::option_option, reason = "no such image, and one that starts what it is given")]
pub(super) fn starts(image: &str) -> Option<Option<&'static str>> {
    let name = image.split('@').next()?.rsplit('/').next()?;
    let name = name.split(':').next()?.to_ascii_lowercase();
    IMAGES.iter().find(|(known, _)| *known == name).map(|(_, tool)| *tool)
}

/// Whether a name is that of a tool that such images start.
pub(super) fn is_tool(name: &str) -> bool {
    IMAGES.iter().any(|(_, tool)| *tool == Some(name))
}
