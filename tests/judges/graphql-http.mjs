// Holds an address against GraphQL over HTTP: prints what is not as it should be, and how many requirements were checked.
import { createRequire } from 'node:module';
const [url, key, modules] = process.argv.slice(2);
const { serverAudits } = createRequire(`${modules}/`)('graphql-http');
const fetchFn = (target, options = {}) =>
  fetch(target, { ...options, headers: { ...options.headers, authorization: `Bearer ${key}` } });
let passed = 0;
for (const audit of serverAudits({ url, fetchFn })) {
  const result = await audit.fn();
  if (result.status === 'ok') passed += 1;
  else console.log(`${result.status} ${result.id} ${result.name}: ${result.reason}`);
}
console.log(`passed ${passed} of ${serverAudits({ url, fetchFn }).length}`);
