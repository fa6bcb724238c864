/** Records audit events in an Annals log, without ever making its host wait. */

export { Actions, InvalidActions } from "./actions";
export type { Change } from "./changes";
export {
  apiKey,
  Event,
  Fault,
  service,
  system,
  user,
  type ActorKind,
  type Context,
  type EventMembers,
  type Kind,
  type Outcome,
  type Principal,
} from "./event";
export type { Token } from "./gateway";
export { Recorder, type RecorderOptions } from "./recorder";
