//! What this crate keeps on disk: the manifests of finished exports.

mod manifests;

pub(crate) use manifests::Manifests;
