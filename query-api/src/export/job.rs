//! An export that was asked for: the filter and the snapshot of that moment.

use annals_service::problem::Problem;
use annals_store::WorkspaceReader;
use annals_verify::origin;
use uuid::Uuid;

use crate::access::Reading;
use crate::parameters::ExportParameters;
use crate::renewal::Renewal;
use crate::shapes::SnapshotShape;

/// Everything an export is made of.
#[derive(Clone)]
pub(crate) struct ExportJob {
    pub(crate) id: Uuid,
    pub(crate) workspace: WorkspaceReader,
    pub(crate) asked: ExportParameters,
    /// Rows with a greater seq are not in it.
    pub(crate) last_seq: u64,
    pub(crate) snapshot: SnapshotShape,
    pub(crate) with_positions: bool,
    /// Asked whether the export may go on.
    pub(crate) renewal: Renewal,
    /// The request's `Accept-Language`, for labels.
    pub(crate) language: Option<String>,
}

impl ExportJob {
    /// Takes the snapshot, once the positions asked for are visible.
    pub(crate) async fn new(
        reader: Reading,
        asked: ExportParameters,
        language: Option<&str>,
    ) -> Result<Self, Problem> {
        asked.min_positions.wait(&reader).await?;
        let with_positions = reader.sees_positions();
        let snapshot = SnapshotShape::before_reading(&reader.workspace, with_positions);
        let last_seq = reader.workspace.last_seq();
        Ok(Self {
            id: Uuid::now_v7(),
            workspace: reader.workspace,
            renewal: reader.renewal,
            asked,
            last_seq,
            snapshot: snapshot.at(last_seq),
            with_positions,
            language: language.map(str::to_owned),
        })
    }

    /// The name that its manifest is signed in: the same as of the tree that the rows are in.
    pub(super) fn origin(&self) -> String {
        origin(&self.workspace.log_id(), self.workspace.partition())
    }

    /// Where the manifest will be.
    pub(crate) fn manifest_path(&self, base_path: &str) -> String {
        let workspace = crate::routes::encoded(self.workspace.id().as_str());
        format!("{base_path}/v1/workspaces/{workspace}/exports/{}/manifest", self.id)
    }
}
