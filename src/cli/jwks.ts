import type { Command } from 'commander'
import { EXIT, EXIT_HELP, type Exit, type Io } from './io.ts'
import { type ConfigFlags, configOf, configOption } from './settings.ts'

/** `catenary jwks` */
export function addJwks(program: Command, io: Io, exit: Exit): void {
  program
    .command('jwks')
    .summary('the public keys that receivers of security events verify with')
    .description(
      'Prints the public keys of ssfReceivers as a JWK Set (RFC 7517): give it to who receives the events of containments.',
    )
    .addOption(configOption())
    .addHelpText('after', EXIT_HELP)
    .action(async (flags: ConfigFlags) => {
      const { jwksOf } = await import('../service/security-events.ts')
      io.stdout.write(`${JSON.stringify(await jwksOf(configOf(io, flags).config), null, 2)}\n`)
      exit(EXIT.done)
    })
}
