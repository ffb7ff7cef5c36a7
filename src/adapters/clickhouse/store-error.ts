import { CatenaryError } from '../../core/index.ts'

/** ClickHouse's own codes for "not now": https://clickhouse.com/docs/native-protocol/basics and `ErrorCodes.cpp`. */
const NOT_NOW: ReadonlySet<string> = new Set([
  '74', // CANNOT_READ_FROM_FILE_DESCRIPTOR
  '75', // CANNOT_WRITE_TO_FILE_DESCRIPTOR: the disk is full
  '76', // CANNOT_OPEN_FILE
  '159', // TIMEOUT_EXCEEDED
  '160', // TOO_SLOW
  '164', // READONLY
  '202', // TOO_MANY_SIMULTANEOUS_QUERIES
  '203', // NO_FREE_CONNECTION
  '209', // SOCKET_TIMEOUT
  '210', // NETWORK_ERROR
  '225', // NO_ZOOKEEPER
  '236', // ABORTED
  '241', // MEMORY_LIMIT_EXCEEDED
  '242', // TABLE_IS_READ_ONLY
  '243', // NOT_ENOUGH_SPACE
  '252', // TOO_MANY_PARTS
  '279', // ALL_CONNECTION_TRIES_FAILED
  '285', // TOO_FEW_LIVE_REPLICAS
  '319', // UNKNOWN_STATUS_OF_INSERT
  '394', // QUERY_WAS_CANCELLED
  '439', // CANNOT_SCHEDULE_TASK
  '473', // DEADLOCK_AVOIDED
  '499', // S3_ERROR
  '745', // SERVER_OVERLOADED
  '999', // KEEPER_EXCEPTION
])

/** The file system's ways to say it, inside an error of the engine that has a code of its own. */
const DISK = /No space left|Read-only file system|Permission denied|Too many open files|Input\/output error/i

/** What a failed call to ClickHouse means to the runtime. `doing` ends the sentence "the store could not …". */
export function storeError(error: unknown, doing: string): CatenaryError {
  if (error instanceof CatenaryError) return error
  const said = error instanceof Error ? error.message : String(error)
  if (isNotNow(error, said))
    return new CatenaryError(
      'CAT_STORE_UNAVAILABLE',
      `The store could not ${doing}: ${firstLine(said)} Nothing is lost; it is tried again. See that ClickHouse is up, can be reached, and has room on its disk.`,
      { cause: error, retry: 'later' },
    )
  return new CatenaryError(
    'CAT_STORE_REJECTED',
    `The store refused to ${doing}: ${firstLine(said)} Trying again does not help: check the user's rights, and that \`catenary migrate\` was run with this version.`,
    { cause: error },
  )
}

/** An answer of ClickHouse has its code; another `Error` means that none came, unless the program itself is at fault. */
function isNotNow(error: unknown, said: string): boolean {
  const code = codeOf(error)
  if (code !== null) return NOT_NOW.has(code) || DISK.test(said)
  return !(error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError)
}

/** The engine's copy of `ClickHouseError` is another class than the client's, so it is known by its numeric code. */
function codeOf(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return /^\d+$/.test(code) ? code : null
}

/** Without what the engine quotes: it may be the query, and with it what was to be stored. */
function firstLine(said: string): string {
  const line =
    (said.split('\n')[0] ?? '').split(/(?::? While executing| before:|: \(while reading|In query:|In scope )/i)[0] ?? ''
  const short = line.length > 300 ? `${line.slice(0, 300)}…` : line
  return /[.!…]$/.test(short) ? short : `${short}.`
}
