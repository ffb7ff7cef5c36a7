// Puts this checkout's own command where `npx catenary` looks first, so that it never asks the registry for the name.
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'

await mkdir('node_modules/.bin', { recursive: true })
await rm('node_modules/.bin/catenary', { force: true })
if (process.platform === 'win32')
  await writeFile('node_modules/.bin/catenary.cmd', '@node "%~dp0\\..\\..\\bin\\catenary.js" %*\r\n')
else await symlink('../../bin/catenary.js', 'node_modules/.bin/catenary')
