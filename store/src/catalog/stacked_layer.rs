//! One layer of a stack, and where its bytes come from.

use std::sync::Arc;

use super::Lengths;
use super::layer::Layer;
use crate::StoreError;

/// The bytes of one workspace's layer in one segment. Verified by the source before they are given.
pub(crate) trait LayerSource: std::fmt::Debug + Send + Sync {
    /// Must give the same bytes every time.
    fn layer(&self) -> Result<&[u8], StoreError>;
    /// For errors.
    fn path(&self) -> &str;
    /// Lengths before and after the layer, where they are known without reading it: opening a
    /// store reads no layer then.
    fn lengths(&self) -> Option<(Lengths, Lengths)> {
        None
    }
}

/// Where codes continue in a layer: before it and after it. Checked when segments are opened one
/// after the other.
pub(crate) fn layer_lengths(layer: &dyn LayerSource) -> Result<(Lengths, Lengths), StoreError> {
    if let Some(lengths) = layer.lengths() {
        return Ok(lengths);
    }
    let layer = Layer::open(layer)?;
    Ok((layer.before(), layer.after()))
}

/// A layer with its lengths, so that the one a code belongs to is found without reading any.
#[derive(Debug, Clone)]
pub(super) struct StackedLayer {
    source: Arc<dyn LayerSource>,
    pub(super) before: Lengths,
    pub(super) after: Lengths,
}

impl StackedLayer {
    /// The layers, oldest first; an error if one does not continue where the one before it ends.
    pub(super) fn stack(layers: Vec<Arc<dyn LayerSource>>) -> Result<Arc<[Self]>, StoreError> {
        let mut end = Lengths::default();
        let mut stack = Vec::with_capacity(layers.len());
        for source in layers {
            let (before, after) = layer_lengths(&*source)?;
            if before != end {
                let detail = format!("its catalog continues {before:?}, but stands at {end:?}");
                return Err(StoreError::corrupt(source.path(), 0, detail));
            }
            end = after;
            stack.push(Self { source, before, after });
        }
        Ok(stack.into())
    }

    #[inline]
    pub(super) fn open(&self) -> Result<Layer<'_>, StoreError> {
        Layer::known(&*self.source, self.before, self.after)
    }

    pub(super) fn path(&self) -> &str {
        self.source.path()
    }
}
