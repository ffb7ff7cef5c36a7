// ClickHouse's error codes and the HTTP status a server answers them with, after its
// `src/Server/HTTP/exceptionCodeToHTTPStatus.cpp`.

const STATUS = new Map([
  ...statuses(401, [194]),
  ...statuses(403, [192, 193, 516]),
  ...statuses(408, [159]),
  ...statuses(413, [131]),
  ...statuses(400, [6, 26, 27, 36, 38, 41, 43, 53, 62, 69, 70, 72, 130, 427, 456, 457, 1000]),
  ...statuses(404, [46, 47, 50, 56, 60, 63, 73, 78, 81, 115, 135, 336]),
  ...statuses(501, [1, 48, 344]),
  ...statuses(503, [76, 209, 439]),
])

/** @type {(status: number, codes: number[]) => [number, number][]} */
function statuses(status, codes) {
  return codes.map((code) => [code, status])
}

/** What a server answers an exception with. */
export function exceptionAnswer(/** @type {number} */ code, /** @type {string} */ message) {
  return {
    status: STATUS.get(code) ?? 500,
    headers: { 'X-ClickHouse-Exception-Code': String(code) },
    body: Buffer.from(`${message}\n`),
  }
}

/** An exception in a server's words: `Code: 243. DB::Exception: … (NOT_ENOUGH_SPACE) (version …)`. */
export const exception = (/** @type {number} */ code, /** @type {string} */ name, /** @type {string} */ said) =>
  exceptionAnswer(code, `Code: ${code}. DB::Exception: ${said} (${name}) (version 26.7.2.1 (official build))`)
