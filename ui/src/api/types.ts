/** The shapes of answers, by the names that the page uses. */
import type { components } from "./generated/schema";

type Schemas = components["schemas"];

export type Row = Schemas["Row"];
export type Actor = Schemas["Actor"];
export type Principal = Schemas["Principal"];
export type Resource = Schemas["Resource"];
export type Change = Schemas["Change"];
export type Snapshot = Schemas["Snapshot"];
export type Total = Schemas["TotalShape"];
export type Bucket = Schemas["BucketShape"];
export type FacetValue = Schemas["FacetShape"];
export type ResourceRow = Schemas["ResourceRow"];
export type ResourceActor = Schemas["ResourceActor"];
export type Accounting = Schemas["AccountingAnswer"];
export type QuarantinedRow = Schemas["QuarantinedRow"];
export type Readiness = Schemas["ReadinessAnswer"];
