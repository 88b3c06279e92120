// Serves a GitHub and a Linear on free ports until the input ends; each line of input resets both.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [modules, seed] = process.argv.slice(2);
const { createEmulator } = await import(pathToFileURL(`${modules}/node_modules/emulate/dist/api.js`).href);
const services = {};
for (const service of ["github", "linear"]) {
  services[service] = await createEmulator({ service, port: 0, seed: JSON.parse(seed) });
}
const say = () => console.log(JSON.stringify({ github: services.github.url, linear: services.linear.url }));
say();
for await (const _ of createInterface({ input: process.stdin })) {
  await Promise.all(Object.values(services).map((one) => one.reset()));
  say();
}
process.exit(0);
