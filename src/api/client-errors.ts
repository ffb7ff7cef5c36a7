import type { Socket } from 'node:net'
import { PROBLEMS, type ProblemName } from './problems.ts'

/** What Node's HTTP parser refuses before there is a request to answer. */
const KNOWN: Readonly<Record<string, ProblemName>> = {
  HPE_HEADER_OVERFLOW: 'header-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'too-slow',
}

/** Answers what is no HTTP request, or too large or too slow a one, and ends the connection. */
export function sendClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const problem = KNOWN[error.code ?? ''] ?? 'bad-request'
  const [status, title] = PROBLEMS[problem]
  const body = JSON.stringify({
    type: `urn:catenary:problem:${problem}`,
    title,
    status,
    detail: 'the connection is closed; send the request again as HTTP has it',
  })
  socket.end(
    `HTTP/1.1 ${status} ${REASONS[status] ?? 'Bad Request'}\r\ncontent-type: application/problem+json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\n${body}`,
  )
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
}
