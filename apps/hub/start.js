/* global console, process, URL */
/**
 * What `npm start` runs. Plain JavaScript, parsed by any Node of the last years, because it must be able to say on an
 * old one what is wrong. It builds when the sources have changed, and hands over to the built hub.
 */
const NEEDED_NODE = 24;

const isOld = Number(process.versions.node.split('.')[0]) < NEEDED_NODE;
if (isOld) {
  console.error(
    `Nyttospår needs Node ${NEEDED_NODE} or newer, and this is ${process.versions.node}. ` +
      'Run "npm ci" and then "npm start", which bring their own Node 24, or install it from https://nodejs.org.',
  );
  process.exitCode = 1;
} else {
  import('./build.js')
    .then(({ buildIfStale }) => buildIfStale())
    .then(() => import(new URL('../../dist/apps/hub/src/main.js', import.meta.url).href))
    .catch((cause) => {
      console.error(cause instanceof Error && cause.name === 'BuildError' ? cause.message : cause);
      process.exitCode = 1;
    });
}
