// A process of its own that holds a connection open by the openssh transport, to be killed by a test.
import { openssh } from "../../src/transports/openssh.ts";
import { connectTo, valueOf } from "./transport-world.ts";

const { settings, host, command } = JSON.parse(process.argv[2] ?? "{}");
const transport = openssh({ ...settings, environment: process.env });
const connection = await connectTo({ transport, host });
valueOf(await connection.open(command));
console.log("holding");
setInterval(() => undefined, 1_000);
