// What goes wrong, as a front end shows it.

/** A problem of one field of a request. */
export interface Problem { field: string; code: string; detail: string }

/** A response that is an error, or none at all. Compare codes, never texts: those change with the language. */
export class Failure extends Error {
  override readonly name = "Failure";
  constructor(
    /** The HTTP status, or 0 without a response. */
    readonly status: number,
    /** The code of the error, such as "invalid" or "not_authenticated". */
    readonly code: string,
    message: string,
    readonly problems: readonly Problem[] = [],
    /** How many seconds to wait before the next try, of the Retry-After header; 0 if it is not there. */
    readonly retryAfter = 0,
  ) {
    super(message);
  }

  /** Returns the texts for one field of a form, or "". */
  of(field: string): string {
    return this.problems.filter((problem) => problem.field === field).map((problem) => problem.detail).join(" ");
  }

  /** Returns the texts for all that is not about one of these fields. Without problems of fields it is the message. */
  rest(...fields: string[]): string {
    if (this.problems.length === 0) return this.message;
    return this.problems.filter((problem) => !fields.includes(problem.field)).map((problem) => problem.detail).join(" ");
  }

  /** Reports whether this is the code of the error or of one of its fields. */
  has(code: string): boolean {
    return this.code === code || this.problems.some((problem) => problem.code === code);
  }
}

/** Reads the error of a response: an application/problem+json document (RFC 9457), or the page of a proxy. */
export async function failureOf(response: Response, body: unknown): Promise<Failure> {
  const problem = (typeof body === "object" && body !== null ? body : {}) as { code?: string; detail?: string; errors?: Problem[] };
  const wait = Number(response.headers.get("Retry-After"));
  return new Failure(response.status, problem.code ?? "", problem.detail ?? `The server answered ${response.status}.`, problem.errors ?? [], Number.isFinite(wait) ? wait : 0);
}

/** The failure of a request without a response: no network, CORS, or a server that is down. */
export const noResponse = () => new Failure(0, "no_response", "The server does not respond. Please try again.");
