import { createHmac } from 'node:crypto'

/**
 * Well-kept patterns of secrets, high confidence only. Where a pattern has a group, the group is the secret and the words
 * around it stay. AWS access-key ids (`AKIA…`, `ASIA…`) are names of credentials, not secrets.
 */
const SECRETS: readonly RegExp[] = [
  /-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----|$)/g,
  /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/g,
  /\bgh[pousr]_[A-Za-z0-9]{36,255}\b/g,
  /\bgithub_pat_\w{22,255}/g,
  /\bglpat-[\w-]{20,}/g,
  /\bxox[abeoprs]-[\w-]{10,}/g,
  /\bxapp-\d-[\w-]{20,}/g,
  /\bhooks\.slack\.com\/services\/([\w/]{30,})/g,
  /\bsk-(?:ant-|proj-|svcacct-|or-v1-)?[\w-]{20,}/g,
  /\bAIza[\w-]{35}/g,
  /\bya29\.[\w-]{20,}/g,
  /\b(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,}/g,
  /\bwhsec_[A-Za-z0-9]{24,}/g,
  /\bcatenary_[A-Za-z0-9]{12}_[A-Za-z0-9]{49}\b/g,
  /\bnpm_[A-Za-z0-9]{36}\b/g,
  /\bpypi-AgE[\w-]{50,}/g,
  /\bSG\.[\w-]{16,32}\.[\w-]{16,64}/g,
  /\bhv[sb]\.[\w-]{24,}/g,
  /\bdop_v1_[a-f0-9]{64}\b/g,
  /\bAccountKey=([A-Za-z0-9+/]{60,}={0,2})/g,
  /\b(?:IQoJ|FwoG|FQoG)[A-Za-z0-9+/=]{100,}/g,
  /\baws_?secret_?(?:access_?)?key["']?\s*[=:]\s*["']?([A-Za-z0-9+/]{40})(?![A-Za-z0-9+/])/gi,
  /\b(?:authorization["']?\s*[:=]\s*["']?(?:bearer|basic|token)|bearer)\s+((?=[\w.~+/-]*\d)[\w.~+/-]{16,}=*)/gi,
  /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@]{0,100}:([^\s:/@]{3,200})@/gi,
  /\b(?:password|passwd|pwd|client_secret|api_?key|secret_?key|access_?token|refresh_?token)(?:["']?\s*=\s*["']?|["']\s*:\s*["'])([^\s"'&;,<>{}[\]()]{6,200})/gi,
]

/** One cheap look that every secret above passes; most strings do not, and are left alone. */
const SUSPECT =
  /-----BEGIN |eyJ|gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|xapp-|hooks\.slack|\bsk-|AIza|ya29\.|[sr]k_(?:live|test)_|whsec_|npm_|catenary_|pypi-AgE|SG\.|hv[sb]\.|dop_v1_|AccountKey=|IQoJ|FwoG|FQoG|bearer |basic |token |:\/\/[^\s/@]*:[^\s/@]+@|(?:passw(?:or)?d|pwd|secret|key|token)["']?\s*[=:]/i

/** Values that stand where a secret would and are none. */
const PLACEHOLDER =
  /^(?:\[secret:|\*{3,}|x{6,}|<|\$\{|\{\{|\$[A-Za-z_]|redacted|hidden|null|undefined|true|false|none)/i

/** Characters that no store should meet: lone surrogates and NUL. Replaced by U+FFFD. */
const BROKEN = /[\0\p{Surrogate}]/gu
/** A quick look for them that pairs of surrogates pass too. */
const MAYBE_BROKEN = /[\0\ud800-\udfff]/
const SHORTEST = 16

/** Names of fields whose text is a secret by itself. */
const SECRET_NAME =
  /^(?:password|passwd|passphrase|client_?secret|private_?key|secret_?(?:access_?)?key|(?:session|access|refresh|id)_?token|api_?key|authorization)$/i

/** Replaces what looks like a secret by `[secret:<12 hex of its keyed fingerprint>]`, and counts what it replaced. */
export interface Scrubber {
  /** The value itself when it holds nothing to replace; else a copy. Keys of objects are read too. */
  scrub<T>(value: T): T
  /** How many secrets were replaced so far. */
  readonly count: number
}

/** A scrubber for one record; equal secrets under one key give equal replacements. Recursion is as deep as the value. */
export function createScrubber(key: Uint8Array): Scrubber {
  return new KeyedScrubber(key)
}

class KeyedScrubber implements Scrubber {
  count = 0
  readonly #key: Uint8Array

  constructor(key: Uint8Array) {
    this.#key = key
  }

  scrub<T>(value: T): T {
    return scrubValue(value, this) as T
  }

  sign(secret: string): string {
    if (PLACEHOLDER.test(secret)) return secret
    this.count += 1
    return `[secret:${createHmac('sha256', this.#key).update(secret).digest('hex').slice(0, 12)}]`
  }
}

function scrubValue(value: unknown, signer: KeyedScrubber): unknown {
  if (typeof value === 'string') return scrubText(value, signer)
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value !== 'object' || value === null) return value
  return Array.isArray(value) ? scrubArray(value, signer) : scrubObject(value as Record<string, unknown>, signer)
}

function scrubArray(value: readonly unknown[], signer: KeyedScrubber): unknown {
  let copy: unknown[] | null = null
  for (let index = 0; index < value.length; index += 1) {
    const clean = scrubValue(value[index], signer)
    if (clean === value[index]) continue
    copy ??= [...value]
    copy[index] = clean
  }
  return copy ?? value
}

function scrubObject(value: Record<string, unknown>, signer: KeyedScrubber): unknown {
  let copy: Record<string, unknown> | null = null
  for (const name in value) {
    const item = value[name]
    const clean = typeof item === 'string' && isSecretName(name) ? scrubNamed(item, signer) : scrubValue(item, signer)
    const cleanName = name === '__proto__' ? '(__proto__)' : scrubText(name, signer)
    if (clean === item && cleanName === name) continue
    copy ??= { ...value }
    if (cleanName !== name) delete copy[name]
    copy[cleanName] = clean
  }
  return copy ?? value
}

/** Whether a text holds nothing to replace. */
export function isPlainText(text: string): boolean {
  return text.length < SHORTEST ? !isBroken(text) : !MAYBE_BROKEN.test(text) && !SUSPECT.test(text)
}

/** `MAYBE_BROKEN` for a short text, where starting a pattern costs more than the look. */
function isBroken(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    if (unit === 0 || (unit & 0xf800) === 0xd800) return true
  }
  return false
}

/** Whether a field of this name is kept under it, and is judged by its value alone. */
export const isPlainName = (name: string): boolean => judge(name) === 'plain'

const isSecretName = (name: string): boolean => judge(name) === 'secret'

type Judgement = 'plain' | 'secret' | 'odd'

/** Names repeat from event to event, so each is judged once; the cache starts anew when it is full. */
const judged = new Map<string, Judgement>()
const LONGEST_JUDGED = 128

function judge(name: string): Judgement {
  const known = judged.get(name)
  if (known !== undefined) return known
  const judgement = SECRET_NAME.test(name) ? 'secret' : isPlainText(name) && name !== '__proto__' ? 'plain' : 'odd'
  if (name.length > LONGEST_JUDGED) return judgement
  if (judged.size >= 4096) judged.clear()
  judged.set(name, judgement)
  return judgement
}

const scrubNamed = (text: string, signer: KeyedScrubber): string => (text.length < 6 ? text : signer.sign(text))

function scrubText(text: string, signer: KeyedScrubber): string {
  const whole = MAYBE_BROKEN.test(text) ? text.replace(BROKEN, '\uFFFD') : text
  if (whole.length < SHORTEST || !SUSPECT.test(whole)) return whole
  let clean = whole
  for (const pattern of SECRETS) {
    clean = clean.replace(pattern, (match: string, group: unknown) =>
      typeof group === 'string' ? match.replace(group, () => signer.sign(group)) : signer.sign(match),
    )
  }
  return clean
}
