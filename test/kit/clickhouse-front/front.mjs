// ClickHouse's HTTP interface in front of the embedded engine, or of a server: what `@clickhouse/client` asks, answered as
// a server answers. A program of its own, so that it can be killed. JavaScript, since the runtime starts it as it is.

import { timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { gunzipSync, gzipSync } from 'node:zlib'
import { exception } from './codes.mjs'
import { openEngine } from './engine.mjs'
import { createFaults, wrongPassword } from './faults.mjs'
import { openUpstream } from './upstream.mjs'

const { path, upstream, port, user, password, tls } = JSON.parse(process.argv[2])

/** A server's `http_max_uri_size`, and its `http_max_field_value_size` for one parameter. */
const MAX_URI = 1024 * 1024
const MAX_VALUE = 128 * 1024

const run = upstream === undefined ? openEngine(path) : openUpstream(upstream)
const faults = createFaults()
const options = { maxHeaderSize: MAX_URI, keepAliveTimeout: 10_000 }
const server =
  tls === undefined
    ? createServer(options, serve)
    : createSecureServer({ ...options, cert: readFileSync(tls.cert), key: readFileSync(tls.key) }, serve)

function serve(request, response) {
  answer(request, response).catch((error) => {
    console.error(error)
    response.destroy()
  })
}

async function answer(request, response) {
  const body = await bodyOf(request)
  const url = new URL(request.url, 'http://front')
  if (faults.now().slowMs !== undefined) await new Promise((done) => setTimeout(done, faults.now().slowMs))
  if (url.pathname.endsWith('/ping'))
    return send(response, { status: 200, headers: {}, body: Buffer.from('Ok.\n') }, false)
  const { params, text } = await partsOf(request, url, body)
  const done = await answerOf(request, url.pathname, params, text)
  if (done === 'cut') return response.destroy()
  const zips = params.get('enable_http_compression') === '1' && /gzip/.test(request.headers['accept-encoding'] ?? '')
  return send(
    response,
    { ...done, headers: { ...done.headers, 'X-ClickHouse-Query-Id': params.get('query_id') ?? '' } },
    zips,
  )
}

async function answerOf(request, who, params, text) {
  if (!isKnown(request, params)) return wrongPassword()
  for (const value of params.values())
    if (Buffer.byteLength(value) > MAX_VALUE) return exception(1000, 'POCO_EXCEPTION', 'HTML Form Exception')
  const sql = `${params.get('query') ?? ''}\n${text.subarray(0, 4_096).toString('utf8')}`
  const fault = faults.of(sql)
  if (fault?.when === 'before') return fault.answer
  const hold = faults.holdOf(who, sql)
  if (hold !== null) process.send?.({ caught: who })
  if (hold?.when === 'before') {
    await hold.released
    if (!hold.late && request.socket.destroyed) return 'cut'
  }
  const done = await run(params, text)
  if (hold?.when === 'after') await hold.released
  return fault === null ? done : fault.answer
}

async function bodyOf(request) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  const body = Buffer.concat(chunks)
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
}

/** Long parameters come as a form, with the query as one of its fields. */
async function partsOf(request, url, body) {
  const type = request.headers['content-type'] ?? ''
  if (!type.startsWith('multipart/form-data')) return { params: url.searchParams, text: body }
  const form = await new Response(body, { headers: { 'content-type': type } }).formData()
  for (const [key, value] of form) if (key !== 'query') url.searchParams.set(key, String(value))
  return { params: url.searchParams, text: Buffer.from(String(form.get('query') ?? '')) }
}

function isKnown(request, params) {
  const [, basic = ''] = /^Basic (.*)$/.exec(request.headers.authorization ?? '') ?? []
  const [ofBasic, ...rest] = Buffer.from(basic, 'base64').toString('utf8').split(':')
  const name = request.headers['x-clickhouse-user'] ?? params.get('user') ?? ofBasic
  const key = request.headers['x-clickhouse-key'] ?? params.get('password') ?? rest.join(':')
  return isSame(name, user) && isSame(key, password)
}

function isSame(given, wanted) {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function send(response, { status, headers, body }, zips) {
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=UTF-8',
    'X-ClickHouse-Summary': '{}',
    ...headers,
    ...(zips ? { 'Content-Encoding': 'gzip' } : {}),
  })
  response.end(zips ? gzipSync(body) : body)
}

const listen = () =>
  new Promise((done, failed) => {
    server.once('error', failed)
    server.listen(server.port ?? port, '127.0.0.1', () => {
      server.off('error', failed)
      server.port = server.address().port
      done(undefined)
    })
  })

/** Away: nobody listens, and who is connected is cut off. */
async function setFaults(fault) {
  faults.set(fault)
  if (fault.away === true && server.listening) {
    const closed = new Promise((done) => server.close(done))
    server.closeAllConnections()
    await closed
  }
  if (fault.away !== true && !server.listening) await listen()
}

process.on('disconnect', () => process.exit(0))
process.on('message', async ({ id, fault }) => {
  if (fault !== undefined) await setFaults(fault)
  process.send?.({ id, counts: faults.counts })
})
await listen()
process.send?.({ id: 0, port: server.port })
