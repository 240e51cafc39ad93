// Reads an AsyncAPI document with the parser of the AsyncAPI project; every complaint is a line, any ends it badly.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createRequire } from "node:module";

const [file, modules] = process.argv.slice(2);
const { Parser } = createRequire(modules)("@asyncapi/parser");
const source = fileURLToPath(new URL(file, "file:///"));
const { document, diagnostics } = await new Parser().parse(readFileSync(source, "utf8"), { source });
for (const { severity, message, path } of diagnostics) console.log(`${severity} ${path.join("/")}: ${message}`);
if (!document || diagnostics.some(({ severity }) => severity <= 1)) process.exit(1);
