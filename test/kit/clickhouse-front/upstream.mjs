/** A server elsewhere as the engine: the same queries, sent on. */
export function openUpstream(/** @type {string} */ address) {
  const { origin, username, password } = new URL(address)
  const auth = {
    'X-ClickHouse-User': decodeURIComponent(username) || 'default',
    'X-ClickHouse-Key': decodeURIComponent(password),
  }
  return async (/** @type {URLSearchParams} */ params, /** @type {Buffer} */ body) => {
    const sent = new URLSearchParams([...params].filter(([key]) => key !== 'enable_http_compression'))
    for (const key of ['user', 'password']) sent.delete(key)
    const got = await fetch(`${origin}/?${sent}`, { method: 'POST', headers: auth, body })
    const code = got.headers.get('X-ClickHouse-Exception-Code')
    return {
      status: got.status,
      headers: code === null ? {} : { 'X-ClickHouse-Exception-Code': code },
      body: Buffer.from(await got.arrayBuffer()),
    }
  }
}
