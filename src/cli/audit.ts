import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { z } from 'zod'
import { auditKey } from '../access/audit-log.ts'
import { verifyAudit } from '../access/verify-audit.ts'
import { CatenaryError } from '../core/index.ts'
import type { AuditHead } from '../ports/index.ts'
import { keyOf, openStore } from '../service/open-store.ts'
import { EXIT, EXIT_HELP, type Exit, type Io, printable } from './io.ts'
import { type ConfigFlags, configOf, withStore } from './settings.ts'

interface Flags extends ConfigFlags {
  readonly heads?: string
  readonly json?: boolean
}

/** `catenary audit verify` */
export function addAudit(program: Command, io: Io, exit: Exit): void {
  const group = program.command('audit').summary('who read and did what').description(ABOUT).exitOverride()
  withStore(group.command('verify'))
    .description(
      'Reads the whole audit log and tells every row that was removed, changed or moved since it was written. Each row is hashed under ' +
        'a key made from the content key, with the hash of the row before it. Rows cut off at the end of a chain that no later ' +
        'process has seen show only against an earlier look: keep what --json prints elsewhere and give it as --heads.',
    )
    .option('--heads <file>', 'what --json printed before: where the chains ended then')
    .option('--json', 'print one JSON object a fault and a chain’s end')
    .addHelpText('after', EXIT_HELP)
    .action(async (flags: Flags) => exit(await verify(flags, io)))
}

const ABOUT = 'The audit log holds every read of chains and every change by a caller of the API.'

async function verify(flags: Flags, io: Io): Promise<number> {
  const { config } = configOf(io, flags)
  const known = flags.heads === undefined ? [] : await headsIn(flags.heads)
  const key = auditKey(await keyOf(config))
  const store = await openStore(config)
  try {
    const { rows, heads, faults } = await verifyAudit(store, key, known)
    if (flags.json === true) {
      for (const fault of faults) io.stdout.write(`${JSON.stringify({ type: 'fault', ...fault })}\n`)
      for (const head of heads) io.stdout.write(`${JSON.stringify({ type: 'head', ...head })}\n`)
    } else {
      for (const { chain, number, what } of faults)
        io.stdout.write(`chain ${printable(chain)}, row ${number}: ${what}\n`)
      const count = `${rows} rows in ${heads.length} chains`
      io.stdout.write(
        faults.length === 0 ? `${count}, as they were written\n` : `${count}, ${faults.length} not as they were\n`,
      )
    }
    return faults.length === 0 ? EXIT.done : EXIT.found
  } finally {
    await store.close()
  }
}

const Head = z.object({ type: z.literal('head'), chain: z.string(), number: z.number(), hash: z.string() })

async function headsIn(file: string): Promise<readonly AuditHead[]> {
  try {
    const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line.includes('"head"'))
    return lines.map((line) => Head.parse(JSON.parse(line)))
  } catch (cause) {
    throw new CatenaryError('CAT_INPUT', `${file}: is not what catenary audit verify --json printed`, { cause })
  }
}
