import { readFileSync } from 'node:fs'

/** The version in package.json, which stands two levels above the sources and three above their build. */
export function versionOf(): string {
  for (const up of ['../../package.json', '../../../package.json']) {
    try {
      const { version } = JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8')) as { version?: string }
      if (version !== undefined) return version
    } catch {
      // The other place has it.
    }
  }
  return 'unknown'
}
