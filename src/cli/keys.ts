import Table from 'cli-table3'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { z } from 'zod'
import { type ApiKey, type ApiKeyList, expiryOf, keyJson, type NewApiKey, newKeyJson } from '../../schemas/api/key.ts'
import { DEFAULT_TENANT } from '../../schemas/api/words.ts'
import { parseTime } from '../../schemas/time.ts'
import { type Keys, keysOf } from '../access/keys.ts'
import { CatenaryError, ROLES, type Role } from '../core/index.ts'
import type { Asked } from '../ports/index.ts'
import { openStore } from '../service/open-store.ts'
import { EXIT, EXIT_HELP, type Exit, type Io, printable } from './io.ts'
import { namedPlace, type ServiceFlags, withClientOf, withService } from './service-client.ts'
import { type ConfigFlags, configOf, withStore } from './settings.ts'

type KeyJson = z.output<typeof ApiKey>
type NewKeyJson = z.output<typeof NewApiKey>

interface Flags extends ConfigFlags, ServiceFlags {
  readonly json?: boolean
}

interface CreateFlags extends Flags {
  readonly name: string
  readonly role: Role
  readonly tenant?: string
  readonly allTenants?: boolean
  readonly expires?: number | null
}

interface RotateFlags extends Flags {
  readonly grace: number
}

const BY = { kind: 'local', id: 'catenary keys' } as const
const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `catenary keys create | list | revoke | rotate` */
export function addKeys(program: Command, io: Io, exit: Exit): void {
  const group = program.command('keys').summary('API keys: who may ask the service').description(ABOUT).exitOverride()
  command(group, 'create', 'Makes a key and prints it, this once: only its hash is stored.')
    .requiredOption('--name <text>', 'what the key is for')
    .addOption(new Option('--role <role>', 'what it may do').choices(ROLES).makeOptionMandatory())
    .addOption(new Option('--tenant <tenant>', `whose it is (default ${DEFAULT_TENANT})`).conflicts('allTenants'))
    .option('--all-tenants', 'for every tenant')
    .option('--expires <when>', 'how long it lasts (30m, 12h, 90d), until which time, or never (default 90d)', expiry)
    .addHelpText('after', EXAMPLES)
    .action(async (flags: CreateFlags) => exit(await create(flags, io)))
  command(
    group,
    'list',
    'Prints every key, without the key itself: what it may do, until when, and when it was last used.',
  ).action(async (flags: Flags) => exit(await list(flags, io)))
  command(
    group,
    'revoke <id>',
    'Makes a key open nothing any more, for good. A running service knows of it within seconds.',
  ).action(async (id: string, flags: Flags) => exit(await revoke(id, flags, io)))
  command(
    group,
    'rotate <id>',
    'Makes a key of the same name, role, tenant and lifetime in place of another, and prints it.',
  )
    .option('--grace <duration>', 'how long the old one goes on (30m, 12h, 7d); else it stops at once', duration, 0)
    .action(async (id: string, flags: RotateFlags) => exit(await rotate(id, flags, io)))
}

const ABOUT =
  'Keys are kept in the store of the settings. While a service holds the data folder, ask the service itself, with an ' +
  'admin’s key: --url or --profile, or CATENARY_URL or CATENARY_PROFILE where --data is not given.'

const EXAMPLES = `
Examples
  catenary keys create --name ops --role admin --all-tenants
  catenary keys create --name collector --role ingest --tenant acme --expires 30d
  CATENARY_API_KEY=… catenary keys list --url https://catenary.example`

const command = (group: Command, name: string, about: string): Command =>
  withService(withStore(group.command(name)))
    .description(about)
    .option('--json', 'print one JSON object a key')
    .addHelpText('after', EXIT_HELP)

async function create(flags: CreateFlags, io: Io): Promise<number> {
  const { name, role } = flags
  const tenant = flags.tenant ?? DEFAULT_TENANT
  const isForAll = flags.allTenants === true
  const made = (await asked(flags, io, {
    ask: {
      method: 'POST',
      path: isForAll ? 'v1/keys' : `v1/keys?tenant=${encodeURIComponent(tenant)}`,
      body: {
        name,
        role,
        all_tenants: isForAll,
        ...(flags.expires === undefined ? {} : { expires_at: flags.expires === null ? null : iso(flags.expires) }),
      },
    },
    work: async (keys) => {
      const expiresAt = expiryOf(flags.expires, Date.now())
      return newKeyJson(await keys.create({ name, role, tenant: isForAll ? null : tenant, expiresAt, by: BY }))
    },
  })) as NewKeyJson
  tell(made, flags, io)
  return EXIT.done
}

async function list(flags: Flags, io: Io): Promise<number> {
  const { items } = (await asked(flags, io, {
    ask: { path: 'v1/keys' },
    work: async (keys) => ({ items: (await keys.list(null)).map(keyJson) }),
  })) as z.output<typeof ApiKeyList>
  if (flags.json === true) for (const key of items) io.stdout.write(`${JSON.stringify(key)}\n`)
  else if (items.length === 0) io.stdout.write('there are no keys; make one with: catenary keys create\n')
  else io.stdout.write(`${tableOf(items)}\n`)
  return EXIT.done
}

async function revoke(id: string, flags: Flags, io: Io): Promise<number> {
  const revoked = await asked(flags, io, {
    ask: { method: 'DELETE', path: `v1/keys/${encodeURIComponent(id)}` },
    work: async (keys) => keyJson((await keys.revoke(id, null)) ?? missing(id)),
  })
  io.stdout.write(flags.json === true ? `${JSON.stringify(revoked)}\n` : `key ${printable(id)} is revoked\n`)
  return EXIT.done
}

async function rotate(id: string, flags: RotateFlags, io: Io): Promise<number> {
  const made = (await asked(flags, io, {
    ask: { method: 'POST', path: `v1/keys/${encodeURIComponent(id)}/rotate`, body: { grace_s: flags.grace / 1_000 } },
    work: async (keys) => newKeyJson((await keys.rotate(id, flags.grace, BY, null)) ?? missing(id)),
  })) as NewKeyJson
  tell(made, flags, io)
  return EXIT.done
}

const isNamed = ({ url, profile }: ServiceFlags): boolean => url !== undefined || profile !== undefined

interface Task {
  readonly ask: Asked
  work(keys: Keys): Promise<object>
}

async function asked(flags: Flags, io: Io, { ask, work }: Task): Promise<unknown> {
  const place = flags.data === undefined || isNamed(flags) ? namedPlace(io, flags) : null
  if (place !== null) return withClientOf(place, async (client) => (await client.ask(ask)).body)
  const store = await openStore(configOf(io, flags).config)
  try {
    return await work(keysOf(store, Date.now))
  } finally {
    await store.close()
  }
}

/** The key alone on standard output, so that it can be piped to where it belongs. */
function tell(made: NewKeyJson, { json }: Flags, io: Io): void {
  if (json === true) {
    io.stdout.write(`${JSON.stringify(made)}\n`)
    return
  }
  io.stdout.write(`${made.key}\n`)
  io.stderr.write(
    `key ${made.id}: role ${made.role}, ${tenantOf(made)}, ${made.expires_at === null ? 'for good' : `until ${made.expires_at}`}. Keep it now: it is not shown again.\n`,
  )
}

const tenantOf = ({ tenant }: KeyJson): string => (tenant === null ? 'every tenant' : `tenant ${printable(tenant)}`)

function tableOf(keys: readonly KeyJson[]): string {
  const table = new Table({
    head: ['id', 'name', 'role', 'tenant', 'status', 'expires', 'last used'],
    style: { head: [] },
  })
  for (const { id, name, role, tenant, status, expires_at, last_used_at } of keys)
    table.push([
      id,
      printable(name),
      role,
      printable(tenant ?? '(every)'),
      status,
      expires_at ?? 'never',
      last_used_at ?? 'never',
    ])
  return table.toString()
}

function missing(id: string): never {
  throw new CatenaryError('CAT_USAGE', `there is no key ${printable(id)}; catenary keys list shows those there are`)
}

const iso = (at: number): string => new Date(at).toISOString()

function duration(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? []
  const ms = Number(count) * (UNITS[unit] ?? 0)
  if (ms > 0) return ms
  throw new InvalidArgumentError('It must be a duration, as 30m, 12h or 90d.')
}

function expiry(text: string): number | null {
  if (text === 'never') return null
  const at = parseTime(text)?.at ?? Date.now() + duration(text)
  if (at > Date.now()) return at
  throw new InvalidArgumentError('It is past.')
}
