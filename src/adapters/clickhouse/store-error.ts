import { CatenaryError } from '../../core/index.ts'

/** What kept ClickHouse from doing it, as `details.reason` of the error has it. */
export type StoreTrouble =
  | 'away'
  | 'untrusted'
  | 'slow'
  | 'full'
  | 'read-only'
  | 'busy'
  | 'authentication'
  | 'access'
  | 'unknown-database'
  | 'schema'
  | 'refused'

/** ClickHouse's own codes, where they say more than that it did not work: `src/Common/ErrorCodes.cpp`. */
const TROUBLE_OF: Readonly<Record<string, StoreTrouble>> = {
  ...all('full', [75 /* CANNOT_WRITE_TO_FILE_DESCRIPTOR */, 243 /* NOT_ENOUGH_SPACE */]),
  ...all('read-only', [164 /* READONLY */, 242 /* TABLE_IS_READ_ONLY */]),
  ...all('slow', [159 /* TIMEOUT_EXCEEDED */, 160 /* TOO_SLOW */]),
  ...all('away', [
    203, // NO_FREE_CONNECTION
    209, // SOCKET_TIMEOUT
    210, // NETWORK_ERROR
    225, // NO_ZOOKEEPER
    279, // ALL_CONNECTION_TRIES_FAILED
    285, // TOO_FEW_LIVE_REPLICAS
    999, // KEEPER_EXCEPTION
  ]),
  ...all('busy', [
    74, // CANNOT_READ_FROM_FILE_DESCRIPTOR
    76, // CANNOT_OPEN_FILE
    202, // TOO_MANY_SIMULTANEOUS_QUERIES
    236, // ABORTED
    241, // MEMORY_LIMIT_EXCEEDED
    252, // TOO_MANY_PARTS
    319, // UNKNOWN_STATUS_OF_INSERT
    394, // QUERY_WAS_CANCELLED
    439, // CANNOT_SCHEDULE_TASK
    473, // DEADLOCK_AVOIDED
    499, // S3_ERROR
    745, // SERVER_OVERLOADED
  ]),
  ...all('authentication', [192 /* UNKNOWN_USER */, 193 /* WRONG_PASSWORD */, 194 /* REQUIRED_PASSWORD */, 516]),
  ...all('access', [497 /* ACCESS_DENIED */]),
  ...all('unknown-database', [81 /* UNKNOWN_DATABASE */]),
  ...all('schema', [10 /* NOT_FOUND_COLUMN_IN_BLOCK */, 16 /* NO_SUCH_COLUMN_IN_TABLE */, 47, 60 /* UNKNOWN_TABLE */]),
}

function all(trouble: StoreTrouble, codes: readonly number[]): Readonly<Record<string, StoreTrouble>> {
  return Object.fromEntries(codes.map((code) => [String(code), trouble]))
}

/** The file system's ways to say it, inside an error of the engine that has a code of its own. */
const DISK = /No space left|Read-only file system|Permission denied|Too many open files|Input\/output error/i

/** What no attempt mends that comes later. */
const FOR_GOOD: ReadonlySet<StoreTrouble> = new Set([
  'authentication',
  'access',
  'unknown-database',
  'schema',
  'refused',
])

const MEND: Readonly<Record<StoreTrouble, string>> = {
  away: 'See that ClickHouse is up and that clickhouse.url leads to it.',
  untrusted: 'Name the authority that signed its certificate with clickhouse.caFile.',
  slow: 'See what keeps ClickHouse busy, or give it longer with clickhouse.timeoutMs.',
  full: 'Make room on its disk.',
  'read-only':
    'Let clickhouse.user write (readonly = 0), and see that the replica and its disk are not in read-only mode.',
  busy: 'See what keeps ClickHouse busy.',
  authentication: 'Set clickhouse.user and clickhouse.password to those of the server.',
  access: 'Grant it to clickhouse.user.',
  'unknown-database': 'Run `catenary migrate`, which makes it, or set clickhouse.database to the one that is there.',
  schema: 'Run `catenary migrate` with this version.',
  refused: "Check the user's rights, and that `catenary migrate` was run with this version.",
}

/** What a failed call to ClickHouse means to the runtime. `doing` ends the sentence "the store could not …". */
export function storeError(error: unknown, doing: string): CatenaryError {
  if (error instanceof CatenaryError) return error
  const said = error instanceof Error ? error.message : String(error)
  const reason = troubleOf(error)
  const details = { reason }
  if (!FOR_GOOD.has(reason))
    return new CatenaryError(
      'CAT_STORE_UNAVAILABLE',
      `The store could not ${doing}: ${firstLine(said)} Nothing is lost; it is tried again. ${MEND[reason]}`,
      { cause: error, retry: 'later', details },
    )
  return new CatenaryError(
    'CAT_STORE_REJECTED',
    `The store refused to ${doing}: ${firstLine(said)} Trying again does not help. ${MEND[reason]}`,
    { cause: error, details },
  )
}

/** An answer of ClickHouse has its code; another `Error` means that none came, unless the program itself is at fault. */
export function troubleOf(error: unknown): StoreTrouble {
  const said = error instanceof Error ? error.message : String(error)
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  // The engine's copy of `ClickHouseError` is another class than the client's, so it is known by its numeric code.
  if (/^\d+$/.test(code)) return TROUBLE_OF[code] ?? (DISK.test(said) ? 'full' : 'refused')
  if (error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError) return 'refused'
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS|ERR_SSL|OSSL/.test(code)) return 'untrusted'
  return code === 'ETIMEDOUT' || /timeout/i.test(said) ? 'slow' : 'away'
}

/** Without what the engine quotes: it may be the query, and with it what was to be stored. */
function firstLine(said: string): string {
  const line =
    (said.split('\n')[0] ?? '').split(/(?::? While executing| before:|: \(while reading|In query:|In scope )/i)[0] ?? ''
  const short = line.length > 300 ? `${line.slice(0, 300)}…` : line.replace(/[.\s]+$/, '')
  return /[.!…]$/.test(short) ? short : `${short}.`
}
