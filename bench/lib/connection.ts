import { connect, type Socket } from 'node:net';

/** Long enough for the slowest batch of the slowest peer under load. */
const TIMEOUT_MS = 60_000;

/**
 * One kept-alive HTTP/1.1 connection for one request at a time. It does no more than measuring needs: a client that did more
 * would measure itself, since it shares the machine with the server.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #parser = new AnswerParser();
  #waiting: { resolve: () => void; reject: (error: Error) => void } | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error(`no answer in ${TIMEOUT_MS / 1000} s`)));
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('error', (error) => this.#waiting?.reject(error));
    socket.on('close', () => this.#waiting?.reject(new Error('the server closed the connection')));
  }

  static open(port: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new Connection(socket));
      });
    });
  }

  /** Sends a whole request; resolves when its answer is whole, rejects where its status is not 200. */
  send(request: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#waiting = null;
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    const answer = this.#parser.push(chunk);
    if (!answer) return;
    const waiting = this.#waiting;
    this.#waiting = null;
    if (answer.status === 200) waiting?.resolve();
    else
      waiting?.reject(
        new Error(`answered ${answer.status}: ${Buffer.concat(answer.body).toString('utf8').slice(0, 500)}`),
      );
  }
}

/** `body` of a chunked answer has its chunks' frames in it, in the pieces in which it came. */
type Answer = { status: number; body: Buffer[] };

/** Finds the end of answers: those with a Content-Length, and chunked ones. Looks at each byte once, and copies no body. */
export class AnswerParser {
  #start: Buffer = Buffer.alloc(0);
  #answer: (Answer & { endIn: FindEnd }) | null = null;

  /** Takes the next bytes. Returns the answer once it is whole. */
  push(bytes: Buffer): Answer | null {
    if (this.#answer) return this.#take(bytes, this.#answer);
    this.#start = this.#start.length === 0 ? bytes : Buffer.concat([this.#start, bytes]);
    const headEnd = this.#start.indexOf('\r\n\r\n');
    if (headEnd < 0) return null;
    const head = this.#start.toString('latin1', 0, headEnd);
    this.#answer = { status: Number(head.slice(9, 12)), body: [], endIn: endFinder(head) };
    return this.#take(this.#start.subarray(headEnd + 4), this.#answer);
  }

  #take(bytes: Buffer, { status, body, endIn }: Answer & { endIn: FindEnd }): Answer | null {
    const end = endIn(bytes);
    body.push(end === null ? bytes : bytes.subarray(0, end));
    if (end === null) return null;
    this.#answer = null;
    this.#start = bytes.subarray(end);
    return { status, body };
  }
}

/** The position in these bytes where the body ends; null where it goes on. */
type FindEnd = (bytes: Buffer) => number | null;

function endFinder(head: string): FindEnd {
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) return endOfLength(Number(length));
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) return endOfChunks();
  throw new Error(`an answer without a length: ${head}`);
}

function endOfLength(length: number): FindEnd {
  let left = length;
  return (bytes) => {
    const end = left;
    left -= bytes.length;
    return left <= 0 ? end : null;
  };
}

/** https://www.rfc-editor.org/rfc/rfc9112#section-7.1, without trailers. */
function endOfChunks(): FindEnd {
  let sizeLine = '';
  /** The length of the chunk and of the line break behind it. */
  let left = 0;
  let isLast = false;
  return (bytes) => {
    for (let at = 0; at < bytes.length; ) {
      const taken = Math.min(left, bytes.length - at);
      left -= taken;
      at += taken;
      if (left > 0) return null;
      if (isLast) return at;
      const lineEnd = bytes.indexOf('\n', at);
      sizeLine += bytes.toString('latin1', at, lineEnd < 0 ? undefined : lineEnd);
      if (lineEnd < 0) return null;
      const size = Number.parseInt(sizeLine, 16);
      [sizeLine, left, isLast, at] = ['', size + 2, size === 0, lineEnd + 1];
    }
    return null;
  };
}
