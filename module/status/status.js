'use strict';

// Everything that comes from requests is put into the page as text, never as markup; what a text does not show by
// itself, or shows in another order, is named.

const seconds = 2;
const remembered = 60; // of these, for the curves
const decisions = [['allow', 'Allowed'], ['deny', 'Denied'], ['would_deny', 'Would be denied (monitor)']];
const inputs = ['ip', 'user', 'app', 'operation', 'flow', 'profile_claim'];
const checks = ['refreshed', 'device_activated'];

const byId = id => document.getElementById(id);
const number = count => count.toLocaleString('en');
const perSecond = rate => rate >= 100 ? number(Math.round(rate)) : rate.toFixed(1);
const counted = (count, one, many) => `${number(count)} ${count === 1 ? one : many}`;
const plain = text => text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, hidden => `\\u{${hidden.codePointAt(0).toString(16)}}`);
const two = part => String(part).padStart(2, '0');

// As the logs of this place have it.
function clock(time) {
    const date = new Date(time * 1000);
    const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
    return [day, `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`];
}

function ago(passed) {
    if (passed < 60) return `${Math.max(0, passed)} s ago`;
    if (passed < 3600) return `${Math.floor(passed / 60)} min ago`;
    return passed < 86400 ? `${Math.floor(passed / 3600)} h ago` : `${counted(Math.floor(passed / 86400), 'day', 'days')} ago`;
}

// `content` is a text, or nodes.
function element(tag, className, ...content) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.append(...content);
    return made;
}

const cell = (...content) => element('td', '', ...content);
const second = text => element('span', 'second', text);

// A row that a screen reader announces by its first cell.
function headed(head, ...cells) {
    const first = element('th', '', head);
    first.scope = 'row';
    return element('tr', '', first, ...cells);
}

function fill(id, rows, columns, nothing) {
    const empty = element('td', 'faint', nothing);
    empty.colSpan = columns;
    byId(id).replaceChildren(...(rows.length ? rows : [element('tr', '', empty)]));
}

function define(id, entries) {
    byId(id).replaceChildren(...entries.flatMap(([name, value, className]) =>
        [element('dt', '', name), element('dd', className, value)]));
}

// ---- decisions

const keyOf = entry => `${entry.kind} ${entry.decision} ${entry.reason}`;
const tiles = new Map();
let before = null;

function curve(rates) {
    const highest = Math.max(1, ...rates);
    const points = rates.map((rate, index) => `${index + remembered - rates.length},${(38 - 36 * rate / highest).toFixed(1)}`);
    return `M${remembered - rates.length},42 L${points.join(' L')} L${remembered - 1},42`;
}

function tileOf(name, title) {
    const drawing = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    drawing.setAttribute('viewBox', `0 0 ${remembered - 1} 40`);
    drawing.setAttribute('preserveAspectRatio', 'none');
    drawing.setAttribute('aria-hidden', 'true');
    drawing.append(path);
    const tile = {path, rate: element('p', 'rate'), total: element('p', 'total'), rates: []};
    byId('totals').append(element('div', `tile ${name}`, element('h3', '', title), tile.rate, drawing, tile.total));
    return tile;
}

function showTotals(sums, passed) {
    for (const [name, title] of decisions) {
        if (!tiles.has(name)) tiles.set(name, tileOf(name, title));
        const tile = tiles.get(name);
        const {count, rate} = sums[name];
        tile.total.textContent = `${number(count)} in all`;
        if (before && passed <= 0) continue;
        if (before) tile.rates = [...tile.rates, rate].slice(-remembered);
        tile.rate.textContent = before ? perSecond(rate) : '–';
        tile.path.setAttribute('d', tile.rates.length > 1 ? curve(tile.rates) : 'M0,42');
    }
}

function showDecisions(status) {
    const passed = before ? status.time - before.time : 0;
    const old = new Map((before ? before.decisions : []).map(entry => [keyOf(entry), entry.count]));
    const sums = Object.fromEntries(decisions.map(([name]) => [name, {count: 0, rate: 0}]));
    const most = Math.max(1, ...status.decisions.map(entry => entry.count));
    const rows = [...status.decisions].sort((one, other) => other.count - one.count).map(entry => {
        const rate = passed > 0 ? Math.max(0, entry.count - (old.get(keyOf(entry)) ?? 0)) / passed : 0;
        sums[entry.decision].count += entry.count;
        sums[entry.decision].rate += rate;
        const count = element('td', 'number share', number(entry.count));
        count.style.setProperty('--part', `${100 * entry.count / most}%`);
        return element('tr', '', cell(element('span', `tag ${entry.decision}`, entry.decision)),
            element('td', 'mono', entry.reason), element('td', 'mono', entry.kind), count,
            element('td', 'number', perSecond(rate)));
    });
    fill('decisions', rows, 5, 'Nothing has been decided yet.');
    showTotals(sums, passed);
}

function showMost(id, entries) {
    const most = Math.max(1, ...entries.map(entry => entry.denials));
    fill(id, entries.slice(0, 8).map(entry => {
        const count = element('td', 'number share', number(entry.denials));
        count.style.setProperty('--part', `${100 * entry.denials / most}%`);
        return headed(entry.name === null ? '(none)' : plain(entry.name), count);
    }), 2, 'None.');
}

// ---- explanations

async function explanationOf(question) {
    const query = new URLSearchParams(Object.entries(question).filter(([, value]) => value));
    try {
        const said = await (await fetch(`explain?${query}`, {cache: 'no-store'})).json();
        if (said.error) return [element('p', 'deny', `The question is not right: ${said.error}.`)];
        const verdict = element('p', '', element('span', `tag ${said.decision}`, said.decision), ' ',
            element('code', '', said.reason), said.rule ? ' by ' : '', element('code', '', plain(said.rule)));
        const steps = said.steps.map(step => {
            const item = element('li', '', plain(`${step.question} ${step.finding}`));
            item.value = step.step;
            return item;
        });
        return [verdict, element('ol', '', ...steps)];
    } catch (error) {
        return [element('p', 'deny', `No answer: ${error.message}`)];
    }
}

// The question's word for it is that of `ipfence explain`, the denial's that of the audit log.
const inputOf = (denial, name) => denial[name === 'profile_claim' ? 'claimed_profile' : name];

function questionOf(denial) {
    return Object.fromEntries([...inputs.map(name => [name, inputOf(denial, name)]),
        ...checks.map(name => [name, denial[name] ? '1' : ''])]);
}

async function ask() {
    byId('answer').replaceChildren(...await explanationOf(Object.fromEntries(new FormData(byId('form')))));
}

// Puts a denial into the form, where what is different can be tried.
function fillForm(denial) {
    const form = byId('form').elements;
    for (const name of inputs) form[name].value = inputOf(denial, name) ?? '';
    for (const name of checks) form[name].checked = denial[name];
    byId('answer').replaceChildren();
    form.ip.focus();
}

async function explain(denial, details) {
    const another = element('button', 'quiet', 'Try it with changes');
    another.type = 'button';
    another.addEventListener('click', () => fillForm(denial));
    details.replaceChildren(element('p', 'faint', 'Request ', element('code', '', denial.request_id), ', kind ',
        element('code', '', denial.kind), '. The policy in force says of it now:'),
        ...await explanationOf(questionOf(denial)), another);
}

// ---- denials. A row stays the same element while it is shown, so that nobody loses their place.

const shown = new Map();

// The button that opens and closes the row below.
function opener(denial, below) {
    const details = element('td', 'explanation');
    details.colSpan = 6;
    below.append(details);
    below.hidden = true;
    const button = element('button', 'quiet', 'Explain');
    button.type = 'button';
    button.setAttribute('aria-expanded', 'false');
    button.setAttribute('aria-label', `Explain the denial of ${plain(denial.user ?? 'an unknown user')}`);
    button.addEventListener('click', async () => {
        if (below.hidden) await explain(denial, details);
        below.hidden = !below.hidden;
        button.setAttribute('aria-expanded', String(!below.hidden));
    });
    return button;
}

function denialRows(denial) {
    const below = element('tr');
    const when = element('span', 'second');
    const [day, time] = clock(denial.time);
    const moment = element('time', '', time);
    moment.dateTime = new Date(denial.time * 1000).toISOString();
    moment.title = `${day} ${time}`;
    const row = element('tr', 'denial', cell(moment, when),
        cell(element('span', '', plain(denial.user ?? '(no user)')), second(plain(denial.app ?? '(no app)'))),
        element('td', 'mono', denial.ip ?? '(unknown)'),
        cell(denial.operation ?? denial.kind, second(denial.flow ?? '')),
        cell(element('span', `tag ${denial.enforced ? 'deny' : 'would_deny'}`, denial.reason),
            denial.enforced ? '' : ' not enforced', element('span', 'second mono', plain(denial.rule ?? ''))),
        cell(denial.operation ? opener(denial, below) : ''));
    const text = [denial.user, denial.app, denial.ip, denial.reason, denial.rule, denial.operation, denial.flow,
        denial.request_id].join(' ').toLowerCase();
    return {row, below, when, time: denial.time, text};
}

function filterDenials() {
    const wanted = byId('filter').value.trim().toLowerCase();
    for (const {row, below, text} of shown.values()) {
        row.hidden = !text.includes(wanted);
        if (row.hidden) {
            below.hidden = true;
            row.querySelector('button')?.setAttribute('aria-expanded', 'false');
        }
    }
}

function showDenials(status) {
    const table = byId('denials');
    const entries = status.recent_denials.map(denial => [`${denial.time} ${denial.request_id} ${denial.kind}`, denial]);
    if (!entries.length) return fill('denials', [], 6, 'None.');
    if (!shown.size) table.replaceChildren();
    const current = new Set(entries.map(([key]) => key));
    for (const [key, {row, below}] of shown) {
        if (current.has(key)) continue;
        row.remove();
        below.remove();
        shown.delete(key);
    }
    for (const [key, denial] of entries.reverse()) {
        if (shown.has(key)) continue;
        const rows = denialRows(denial);
        shown.set(key, rows);
        table.prepend(rows.row, rows.below);
    }
    for (const {when, time} of shown.values()) when.textContent = ago(status.time - time);
    filterDenials();
}

// ---- memory, store, candidate

function showZone(zone) {
    if (!zone) return define('zone', [['Zone', 'none: nothing is remembered']]);
    const share = 100 * zone.credentials / Math.max(1, zone.credentials_capacity);
    define('zone', [['Zone', `${zone.name}, ${(zone.bytes / 1048576).toFixed(1)} MiB`],
        ['Tokens and cookies, estimated', `${number(zone.credentials)} of ${number(zone.credentials_capacity)} (${share.toFixed(1)} %)`],
        ['Gave way while they were live', number(zone.evicted), zone.evicted ? 'bad' : ''],
        ['Found no place', number(zone.refused), zone.refused ? 'bad' : '']]);
}

function standingOf({breakers, subscribed}) {
    if (breakers.open) return [`${counted(breakers.open, 'worker does', 'workers do')} without it`, 'bad'];
    return subscribed ? ['reached, changes are heard of', ''] : ['changes are not heard of', 'bad'];
}

function showStore(store) {
    byId('store-section').hidden = !store;
    if (!store) return;
    const failed = ({timeout, error, refused}) => timeout + error + refused;
    const sum = (name, count) => [name, number(count), count ? 'bad' : ''];
    const each = store.round_trip_microseconds / 1000 / Math.max(1, store.round_trips);
    define('store', [['Store', ...standingOf(store)],
        ['Local copies', store.copies_trusted ? 'used without asking' : 'not used without asking'],
        ['Asked and found', `${number(store.requests.hit)} of ${number(store.requests.hit + store.requests.miss)}`],
        sum('Asked in vain', failed(store.requests)), ['Written', number(store.writes.done)],
        sum('Written in vain', failed(store.writes)), sum('Times that changes were missed', store.gaps),
        ['Round trip, on average', `${each.toFixed(2)} ms`]]);
}

function showCandidate(status) {
    const flips = status.candidate_flips;
    const header = byId('candidate-policy');
    header.hidden = !status.candidate_policy;
    header.querySelector('code').textContent = status.candidate_policy ?? '';
    define('candidate', status.candidate_policy ? [['Policy', status.candidate_policy, 'mono'],
        ['Allowed now, denied by it', number(flips.allow_to_deny), flips.allow_to_deny ? 'bad' : ''],
        ['Denied now, allowed by it', number(flips.deny_to_allow)]] : [['Policy', 'none']]);
}

// With a faulty policy nginx goes on, and would not start again.
function showFaults(status) {
    const faulty = [status.policy_faulty && 'policy', status.candidate_policy_faulty && 'candidate'].filter(Boolean);
    byId('policy-faulty').hidden = !faulty.length;
    byId('policy-faulty').textContent = faulty.length ? `File of the ${faulty.join(' and the ')} faulty, not in force: the error log says why` : '';
}

function showAudit(lost) {
    byId('audit-lost').hidden = !lost;
    byId('audit-lost').textContent = lost ? `${counted(lost, 'audit line is', 'audit lines are')} lost: the error log says why` : '';
}

// ---- the page

let paused = false;

function say(text, className) {
    const state = byId('state');
    if (state.textContent !== text) state.textContent = text;
    state.className = className;
}

async function refresh() {
    try {
        const response = await fetch('status.json', {cache: 'no-store'});
        if (!response.ok) throw new Error(`HTTP ${response.status}`);
        const status = await response.json();
        if (paused) return;
        byId('policy').textContent = status.policy;
        byId('version').textContent = status.version;
        showDecisions(status);
        showMost('apps', status.most_denied_apps);
        showMost('users', status.most_denied_users);
        showDenials(status);
        showZone(status.zone);
        showStore(status.store);
        showCandidate(status);
        showFaults(status);
        showAudit(status.audit_lost);
        say('Live', 'live');
        before = status;
    } catch (error) {
        say(`Not live: ${error.message}`, 'broken');
    }
}

byId('pause').addEventListener('click', event => {
    paused = !paused;
    event.target.setAttribute('aria-pressed', String(paused));
    say(paused ? 'Paused' : 'Live', paused ? '' : 'live');
    if (!paused) refresh();
});
byId('filter').addEventListener('input', filterDenials);
byId('form').addEventListener('submit', event => {
    event.preventDefault();
    ask();
});
refresh();
setInterval(() => document.hidden || paused || refresh(), seconds * 1000);
