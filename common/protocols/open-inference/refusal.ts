/** Why a request is refused, in words for its sender. */
export class Refusal {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

const SHOWN_CHARACTERS = 100;

/** A name that a request holds, as a message repeats it. */
export function quote(name: string): string {
  return JSON.stringify(name.length > SHOWN_CHARACTERS ? `${name.slice(0, SHOWN_CHARACTERS)}…` : name);
}
