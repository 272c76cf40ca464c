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
    else waiting?.reject(new Error(`answered ${answer.status}: ${answer.body.toString('utf8').slice(0, 500)}`));
  }
}

/** Finds the end of answers: those with a Content-Length, and chunked ones. */
export class AnswerParser {
  #received: Buffer = Buffer.alloc(0);

  /** Takes what came in; the answer, once it is whole. `body` of a chunked one has its chunks' frames in it. */
  push(chunk: Buffer): { status: number; body: Buffer } | null {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const headEnd = this.#received.indexOf('\r\n\r\n');
    if (headEnd < 0) return null;
    const head = this.#received.toString('latin1', 0, headEnd);
    const bodyStart = headEnd + 4;
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length === undefined && !/\r\ntransfer-encoding: *chunked/i.test(head))
      throw new Error(`an answer without a length: ${head}`);
    const end = length === undefined ? this.#endOfChunks(bodyStart) : bodyStart + Number(length);
    if (end === null || this.#received.length < end) return null;
    const body = this.#received.subarray(bodyStart, end);
    this.#received = this.#received.subarray(end);
    return { status: Number(head.slice(9, 12)), body };
  }

  #endOfChunks(start: number): number | null {
    for (let at = start; ; ) {
      const lineEnd = this.#received.indexOf('\r\n', at);
      if (lineEnd < 0) return null;
      const size = Number.parseInt(this.#received.toString('latin1', at, lineEnd), 16);
      at = lineEnd + 2 + size + 2;
      if (at > this.#received.length) return null;
      if (size === 0) return at;
    }
  }
}
