// @MADE_BY@ opencode`: asks tollgate before each tool runs.
// Anything but a clean yes blocks the call: what is thrown here is the tool's error.
import { spawnSync } from "node:child_process"

const TOLLGATE = "@TOLLGATE@"

export const Tollgate = async ({ directory }) => ({
  "tool.execute.before": async (input, output) => {
    const asked = { tollgate: "opencode", tool: input.tool, args: output.args, directory, sessionID: input.sessionID }
    const answer = spawnSync(TOLLGATE, ["hook"], {
      input: JSON.stringify(asked),
      cwd: directory,
      encoding: "utf8",
      timeout: @TIMEOUT@,
      killSignal: "SIGKILL",
      shell: false,
    })
    const refuse = (why) => {
      throw new Error(why)
    }
    if (answer.error) refuse(`tollgate: refused: tollgate itself cannot be run (${answer.error.code || answer.error.message}); nothing runs`)
    if (answer.status !== 0) refuse((answer.stderr || "").trim() || `tollgate: refused: tollgate ended with ${answer.signal || answer.status}; nothing runs`)
    if ((answer.stdout || "").trim() !== "") refuse("tollgate: refused: tollgate gave an answer that cannot be read; nothing runs")
  },
})
