//! Tantivy over distinct resource names: fed by the projection, derived, disposable.
