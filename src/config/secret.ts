import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { CatenaryError } from '../core/index.ts'
import { text } from './setting-kinds.ts'

const REFERENCE = 'must be {"env": "NAME"} or {"file": "PATH"}: a secret itself does not stand in this file'

/** Where a secret is: a variable of the environment, or a file. */
export const SecretRef = z.union(
  [z.strictObject({ env: text().regex(/^[A-Za-z_]\w*$/) }), z.strictObject({ file: text() })],
  { error: REFERENCE },
)

export type SecretRef = z.infer<typeof SecretRef>

type Env = Readonly<Record<string, string | undefined>>

/**
 * The secret that a reference names, without the line end of its file. A file is read each time, so that one that is renewed
 * is used. Throws `CAT_CONFIG` that names the place, never the secret.
 */
export function readSecret(ref: SecretRef, env: Env): string {
  if ('env' in ref) {
    const value = env[ref.env] ?? ''
    if (value !== '') return value
    throw new CatenaryError('CAT_CONFIG', `the variable ${ref.env} is not set; it is to hold a secret`)
  }
  let value: string
  try {
    value = readFileSync(ref.file, 'utf8').replace(/\r?\n$/, '')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new CatenaryError(
      'CAT_CONFIG',
      `${ref.file}: cannot be read (${code ?? 'unknown'}); it is to hold a secret`,
      {
        cause,
      },
    )
  }
  if (value !== '') return value
  throw new CatenaryError('CAT_CONFIG', `${ref.file}: is empty; it is to hold a secret`)
}

/** The variables that references anywhere within name. */
export function variablesIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  const ref = z.strictObject({ env: z.string() }).safeParse(value)
  return ref.success ? [ref.data.env] : Object.values(value).flatMap(variablesIn)
}
