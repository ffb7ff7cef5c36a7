import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { frameworkOf } from '../../detectors/frameworks.ts'
import { EVIDENCE_TYPE, Evidence, EvidenceEnvelope, evidenceJson, flawsIn } from '../../schemas/api/evidence.ts'
import { secretOf } from '../config/index.ts'
import { CatenaryError } from '../core/index.ts'
import { fingerprintOf, opened, sealed } from '../response/envelope.ts'
import { EXIT, EXIT_HELP, type Exit, type Io, printable } from './io.ts'
import { jsonOf } from './json-of.ts'
import { withPathSource } from './path-source.ts'
import { withServiceOnly } from './service-client.ts'
import { type ConfigFlags, configOf, withStore } from './settings.ts'
import { dossierOf, type SubjectFlags, withSubject } from './subject.ts'
import { writeOut } from './write-out.ts'

const KEY_FILE = 'evidence.key'

interface ExportFlags extends SubjectFlags {
  readonly out?: string
  readonly keyFile?: string
}

/** `catenary evidence export|verify|key` */
export function addEvidence(program: Command, io: Io, exit: Exit): void {
  const evidence = program
    .command('evidence')
    .summary('write a path down as signed evidence, and check such a file offline')
    .description(
      'Signed evidence bundles: the steps and alerts of a path with their hashes, under an Ed25519 signature.',
    )
  const exported = evidence
    .command('export')
    .summary('write the steps and alerts of a path, signed')
    .description(
      'Writes the steps and alerts of a path into one signed file (a DSSE envelope). The key is made on first use and kept in ' +
        'the data folder. Events hold fingerprints, not content, unless content was retained.',
    )
    .argument('[file...]', 'the files that hold it; a service that is named, or the data folder, when there are none')
    .option('--out <file>', 'write to this file rather than standard output')
    .option('--key-file <file>', 'sign with this Ed25519 private key (PEM) rather than the data folder’s')
  withServiceOnly(withStore(withSubject(exported)))
    .addHelpText('after', EXIT_HELP)
    .action(async (files: string[], flags: ExportFlags) => {
      const key = await privateKey(flags, io)
      const { keyFile: _signs, ...asked } = flags
      await withPathSource(files, asked, io, async (source) => {
        const text = JSON.stringify(evidenceJson(await dossierOf(source, asked), Date.now(), frameworkOf))
        await writeOut(flags.out, `${JSON.stringify(sealed(EVIDENCE_TYPE, text, key))}\n`, io)
      })
      exit(EXIT.done)
    })
  evidence
    .command('verify')
    .summary('check that a bundle is whole and as it was signed')
    .description(
      'Checks the signature of an evidence bundle and the hash of every step and alert in it. Needs nothing but the file; with ' +
        '--key, also whether the signer is the one you know. Ends with 1 when something does not hold.',
    )
    .argument('<bundle>', 'the file')
    .option('--key <fingerprint>', 'the signer must be this one, as `catenary evidence key` prints it')
    .addHelpText('after', EXIT_HELP)
    .action(async (file: string, { key }: { readonly key?: string }) => {
      exit(await verify(file, key, io))
    })
  withStore(
    evidence
      .command('key')
      .summary('print the public key that bundles are signed with, and its fingerprint')
      .description('Prints the public key and its fingerprint, for those who will verify. Made on first use.')
      .option('--key-file <file>', 'of this private key rather than the data folder’s'),
  )
    .addHelpText('after', EXIT_HELP)
    .action(async (flags: ConfigFlags & { readonly keyFile?: string }) => {
      const key = createPublicKey(await privateKey(flags, io))
      io.stdout.write(`${key.export({ type: 'spki', format: 'pem' })}${fingerprintOf(key)}\n`)
      exit(EXIT.done)
    })
}

async function privateKey(flags: ConfigFlags & { readonly keyFile?: string }, io: Io): Promise<string> {
  if (flags.keyFile !== undefined) return contentOf(flags.keyFile)
  const { config } = configOf(io, flags)
  return secretOf(config.data.path, KEY_FILE, () =>
    generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  )
}

const contentOf = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new CatenaryError('CAT_INPUT', `${file}: cannot be read (${cause.code}); give a file that is there`, {
      cause,
    })
  })

/** Prints whether a bundle holds, and gives the exit code that says so. Throws `CAT_INPUT` for a file that cannot be read. */
async function verify(file: string, key: string | undefined, io: Io): Promise<number> {
  const say = (text: string): unknown => io.stdout.write(`${printable(file)}: ${printable(text)}\n`)
  const fails = (...flaws: readonly string[]): number => {
    flaws.forEach(say)
    return EXIT.found
  }
  const envelope = EvidenceEnvelope.safeParse(jsonOf(await contentOf(file)))
  if (!envelope.success) return fails('is no evidence bundle, or was cut')
  const found = opened(envelope.data)
  if (found === null) return fails('the signature does not hold: the file was changed after it was signed')
  const { signer } = found
  if (key !== undefined && key !== signer) return fails(`was signed by ${signer}, not by ${key}`)
  const bundle = Evidence.safeParse(jsonOf(found.text))
  if (!bundle.success) return fails('what was signed is no evidence of this version')
  const flaws = flawsIn(bundle.data)
  if (flaws.length > 0) return fails(...flaws)
  const { subject, steps, alerts, collected_at } = bundle.data
  say(
    `holds. ${subject.kind} ${subject.id}, ${steps.length} steps, ${alerts.length} alerts, collected at ${collected_at}`,
  )
  say(
    `signed by ${signer}${key === undefined ? '; is that who you think? `catenary evidence key` prints it where it was signed' : ''}`,
  )
  return EXIT.done
}
