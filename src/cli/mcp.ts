import type { Command } from 'commander'
import { EXIT, EXIT_HELP, type Exit, type Io } from './io.ts'
import { type ServiceFlags, withClient, withService } from './service-client.ts'
import { untilStopped } from './until-stopped.ts'
import { versionOf } from './version.ts'

/** `catenary mcp` */
export function addMcp(program: Command, io: Io, exit: Exit): void {
  withService(program.command('mcp'))
    .summary('let an assistant ask a service: a Model Context Protocol server over standard input and output')
    .description(
      'Speaks the Model Context Protocol over standard input and output, for the assistant of an analyst (docs/mcp.md). Its tools read: ' +
        'alerts and why they were raised, incidents, chains and their steps, agents, credentials, blast radius, detectors, ' +
        'coverage. They ask a service over its API and may what the key may. What comes from events is marked as untrusted.',
    )
    .addHelpText('after', HELP)
    .action(async (flags: ServiceFlags) => {
      // No other command waits for the SDK to load.
      const { StdioServerTransport } = await import('@modelcontextprotocol/sdk/server/stdio.js')
      const { createMcpServer } = await import('../mcp/create-mcp-server.ts')
      await withClient(io, flags, async (client, { tenant }) => {
        const server = createMcpServer({ client, tenant, version: versionOf() })
        const closed = new Promise<void>((resolve) => {
          server.server.onclose = resolve
          process.stdin.once('end', resolve)
        })
        await server.connect(new StdioServerTransport())
        await Promise.race([closed, untilStopped(io)])
        await server.close()
      })
      exit(EXIT.done)
    })
}

const HELP = `
Give the key of a role that reads, and of one tenant: viewer, or analyst for what was to be contained.
${EXIT_HELP}

Examples
  catenary mcp --profile prod
  CATENARY_URL=https://catenary.example CATENARY_API_KEY_FILE=~/.config/catenary/viewer.key catenary mcp`
