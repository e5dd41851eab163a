// What a router may make of a request target that takes liberties: any of these, in any order.

const segmentsOf = (path) => path.split('/');

function withoutDotSegments(path) {
  const kept = [];
  for (const segment of segmentsOf(path)) {
    if (segment === '..') kept.length > 1 && kept.pop();
    else if (segment !== '.') kept.push(segment);
  }
  return kept.join('/');
}

const decoded = (path) =>
  path.replace(/%([0-9a-f]{2})/gi, (_, digits) => String.fromCharCode(Number.parseInt(digits, 16)));

const asciiOf = (_, high, low) => String.fromCharCode(((high.charCodeAt(0) & 1) << 6) | (low.charCodeAt(0) & 63));

// Overlong UTF-8 of two and three bytes, as lax decoders read it.
const overlongDecoded = (path) =>
  path
    .replace(/([\xc0\xc1])([\x80-\xbf])/g, asciiOf)
    .replace(/\xe0([\x80\x81])([\x80-\xbf])/g, asciiOf);

const liberties = [
  (path) => path.toLowerCase(),
  decoded,
  (path) => path.replace(/%2f/gi, '/').replace(/%2e/gi, '.'),
  (path) => path.replaceAll('\\', '/'),
  (path) => path.replace(/\/{2,}/g, '/'),
  withoutDotSegments,
  (path) => segmentsOf(path).map((segment) => segment.replace(/;.*$/s, '')).join('/'),
  (path) => path.replace(/([^/])\/+$/, '$1'),
  (path) => path.replace(/([^/.])\.+$/, '$1'),
  (path) => path.replace(/[\s\0-\x1f\x7f\x85\xa0]+$/, ''),
  (path) => path.replace(/\0.*$/s, ''),
  (path) => path.replace(/([^/.])\.[a-z]+$/i, '$1'), // a format: .json, .do
  (path) => path.replace(/[?#].*$/s, ''),
  overlongDecoded,
  (path) => Buffer.from(path, 'latin1').toString().normalize('NFKC'),
  (path) => path.replace(/^([a-z]+:)?\/\/[^/]*/i, ''), // //x/token names a host to WHATWG's URL
];

// More than that is no path that anybody wrote.
const mostReadings = 2_000;

export function readingsOf(target) {
  const readings = new Set([target.replace(/\?.*$/s, '')]);
  for (const path of readings) {
    if (readings.size > mostReadings) break;
    for (const liberty of liberties) readings.add(liberty(path));
  }
  return readings;
}

export const mayBeTokenEndpoint = (target) => readingsOf(target).has('/token');
