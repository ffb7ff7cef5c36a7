import { isIP } from 'node:net'
import { z } from 'zod'
import { flag, listOf, notes, text, whole } from './setting-kinds.ts'

/** How the API is reached. */
export const ApiSection = z.strictObject({
  host: text().default('127.0.0.1').register(notes, {
    about: 'address to listen on; beyond loopback with auth.required and TLS or a declared proxy only',
  }),
  port: whole(0, 65_535).default(8321).register(notes, { about: 'TCP port to listen on; 0 takes a free one' }),
  maxBodyBytes: whole(1_024, 1_073_741_824)
    .default(16_777_216)
    .register(notes, { about: 'largest request body as it is sent, in bytes; unpacked it may be four times that' }),
  tlsCertFile: text()
    .optional()
    .register(notes, { about: 'PEM file of the certificate to answer with over https, its chain below it' }),
  tlsKeyFile: text().optional().register(notes, { about: 'PEM file of its private key' }),
  trustedProxies: listOf(
    z.string().refine(isNetwork, { error: 'must be addresses or networks, as 10.0.0.7 or 10.0.0.0/8' }),
  )
    .default([])
    .register(notes, {
      about:
        'the proxies that end TLS in front; without TLS of its own the API then answers them and this machine alone',
    }),
  corsOrigins: listOf(z.string().regex(/^https?:\/\/[^/\s*]+$/, { error: 'must be origins, as https://soc.example' }))
    .default([])
    .register(notes, { about: 'origins whose pages may call the API from a browser; none by default' }),
  ratePerMinute: whole(1, 10_000_000)
    .default(6_000)
    .register(notes, { about: 'requests a minute that one caller may send to one process' }),
})

/** Who may ask. */
export const AuthSection = z.strictObject({
  required: flag()
    .default(false)
    .register(notes, { about: 'refuse who sends no API key or token; without it the API is for this machine alone' }),
  openMetrics: flag()
    .default(false)
    .register(notes, { about: 'answer /metrics without a key, for a scraper that has none' }),
})

/** What of these settings cannot go together. */
export function apiMistakes(
  { tlsCertFile, tlsKeyFile }: z.output<typeof ApiSection>,
  tell: (key: 'tlsCertFile' | 'tlsKeyFile', message: string) => void,
): void {
  if (tlsCertFile === undefined && tlsKeyFile !== undefined)
    tell('tlsCertFile', 'is missing: a key goes with a certificate')
  if (tlsKeyFile === undefined && tlsCertFile !== undefined)
    tell('tlsKeyFile', 'is missing: a certificate goes with its key')
}

function isNetwork(value: string): boolean {
  const [address = '', bits, ...more] = value.split('/')
  const version = isIP(address)
  if (version === 0 || more.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
}
