/** Problem details (RFC 9457), as far as people are told. */
export interface Problem {
  type?: string;
  title?: string;
  detail?: string | null;
  errors?: { parameter?: string | null; detail: string }[] | null;
  request_id?: string | null;
}

/** The server said no (status and problem details), or did not answer (status 0). */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem = {},
  ) {
    super(problem.title ?? `status ${status}`);
  }

  /** The stable name of the problem, such as `cursor-expired`. */
  get reason(): string {
    return (
      String(this.problem.type ?? "")
        .split("/")
        .pop() ?? ""
    );
  }

  /** The problem's own words. */
  get details(): string {
    const faults = (this.problem.errors ?? []).map(
      ({ parameter, detail }) => `${parameter ?? ""}: ${detail}`,
    );
    return [this.problem.detail, ...faults].filter(Boolean).join(" · ");
  }
}
