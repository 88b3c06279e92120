// Checks files against a schema as Threat Dragon does: prints the faults of each as JSON.
const fs = require("fs");

const [modules, schemaFile, ...files] = process.argv.slice(2);
const read = (file) => JSON.parse(fs.readFileSync(file, "utf8"));
const schema = read(schemaFile);
const draft = String(schema.$schema).includes("2020-12") ? "ajv/dist/2020" : "ajv";
const Ajv = require(`${modules}/${draft}`).default;
const ajv = new Ajv({ allowUnionTypes: true, strict: false, allErrors: true });
require(`${modules}/ajv-formats`).default(ajv);
const validate = ajv.compile(schema);
process.stdout.write(JSON.stringify(files.map((file) => (validate(read(file)) ? [] : validate.errors))));
