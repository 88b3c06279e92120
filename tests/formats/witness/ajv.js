// Checks a file against a schema as Threat Dragon does: prints the faults as JSON.
const fs = require("fs");

const [modules, schemaFile, file] = process.argv.slice(2);
const schema = JSON.parse(fs.readFileSync(schemaFile, "utf8"));
const draft = String(schema.$schema).includes("2020-12") ? "ajv/dist/2020" : "ajv";
const Ajv = require(`${modules}/${draft}`).default;
const ajv = new Ajv({ allowUnionTypes: true, strict: false, allErrors: true });
require(`${modules}/ajv-formats`).default(ajv);
const valid = ajv.compile(schema)(JSON.parse(fs.readFileSync(file, "utf8")));
process.stdout.write(JSON.stringify(valid ? [] : ajv.compile(schema).errors || ["invalid"]));
