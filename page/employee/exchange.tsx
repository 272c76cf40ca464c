import type { Exchange as ExchangeType } from '../backend.ts';
import { formatNumber, type Language } from '../language.ts';
import { texts } from './texts.ts';

/** The request and the response, for developers who use the API. */
export function Exchange({ exchange, language }: { exchange: ExchangeType; language: Language }) {
  const { method, path, requestBody, status, responseBody, requestId, latencyMs } = exchange;
  return (
    <details class="panel exchange">
      <summary>
        {texts.exchange[language]}{' '}
        <span class="quiet numbers">
          {method} {path} · {status} · {formatNumber(language, Math.round(latencyMs))}&nbsp;ms
        </span>
      </summary>
      {requestId && (
        <p class="small quiet">
          X-Request-Id <span class="code">{requestId}</span>
        </p>
      )}
      <div class="bodies">
        <Body title={texts.request[language]} text={requestBody} />
        <Body title={texts.response[language]} text={responseBody} />
      </div>
    </details>
  );
}

function Body({ title, text }: { title: string; text: string }) {
  return (
    <div>
      <h3>{title}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard */}
      <section class="body" tabIndex={0} aria-label={title}>
        <pre class="code">{indent(text)}</pre>
      </section>
    </div>
  );
}

function indent(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
