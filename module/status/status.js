'use strict';

// Everything that comes from requests is put into the page as text, never as markup.

const byId = id => document.getElementById(id);
const seconds = 2;
let before = null;

function element(tag, text, className) {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
}

function row(...cells) {
    const made = element('tr');
    for (const cell of cells) made.append(cell instanceof Node ? cell : element('td', cell ?? '–'));
    return made;
}

function fill(id, rows, columns, nothing) {
    byId(id).replaceChildren(...(rows.length ? rows : [row(Object.assign(element('td', nothing), {colSpan: columns}))]));
}

function tiles(id, entries) {
    byId(id).replaceChildren(...entries.map(([name, value, className]) => {
        const tile = element('div');
        tile.append(element('dt', name), element('dd', value, className));
        return tile;
    }));
}

const number = count => count.toLocaleString();
const keyOf = entry => `${entry.kind} ${entry.decision} ${entry.reason}`;

// How many a second since the last time.
function rate(count, countBefore, status) {
    const passed = before ? status.time - before.time : 0;
    return passed > 0 ? Math.max(0, (count - countBefore) / passed) : 0;
}

function showDecisions(status) {
    const old = new Map((before ? before.decisions : []).map(entry => [keyOf(entry), entry.count]));
    const sums = {allow: [0, 0], deny: [0, 0], would_deny: [0, 0]};
    const rows = status.decisions.sort((one, other) => other.count - one.count).map(entry => {
        const perSecond = rate(entry.count, old.get(keyOf(entry)) || 0, status);
        sums[entry.decision][0] += entry.count;
        sums[entry.decision][1] += perSecond;
        return row(entry.kind, element('td', entry.decision, entry.decision), entry.reason,
            element('td', number(entry.count), 'number'), element('td', perSecond.toFixed(1), 'number'));
    });
    fill('decisions', rows, 5, 'Nothing has been decided yet.');
    tiles('totals', Object.entries(sums).flatMap(([name, [count, perSecond]]) => [
        [`${name}, a second`, perSecond.toFixed(1), name], [`${name}, in all`, number(count), name]]));
}

function showMost(id, entries) {
    fill(id, entries.slice(0, 10).map(entry => row(entry.name ?? '(none)', element('td', number(entry.denials), 'number'))),
        2, 'None.');
}

// Puts a denial into the form, and asks.
function why(denial) {
    const button = element('button', 'Explain');
    button.type = 'button';
    button.setAttribute('aria-label', `Explain the denial of ${denial.user ?? 'an unknown user'}`);
    button.addEventListener('click', () => {
        const form = byId('form');
        for (const name of ['ip', 'user', 'app', 'operation', 'flow']) form.elements[name].value = denial[name] ?? '';
        for (const name of ['refreshed', 'device_activated']) form.elements[name].checked = false;
        ask();
        byId('answer').scrollIntoView({block: 'nearest'});
    });
    const cell = element('td');
    cell.append(denial.operation ? button : '–');
    return cell;
}

function showDenials(status) {
    fill('denials', status.recent_denials.map(denial => row(new Date(denial.time * 1000).toLocaleString(), denial.user,
        denial.app, denial.ip, denial.operation, denial.reason + (denial.enforced ? '' : ' (not enforced)'), denial.rule,
        denial.request_id, why(denial))), 9, 'None.');
}

function showZone(status) {
    const zone = status.zone;
    const flips = status.candidate_flips;
    const share = zone && zone.credentials_capacity ? 100 * zone.credentials / zone.credentials_capacity : 0;
    tiles('zone', [
        ...(zone ? [['Zone', zone.name], ['Credentials, estimated', `${number(zone.credentials)} (${share.toFixed(1)} %)`],
            ['Gave way while live', number(zone.evicted), zone.evicted ? 'deny' : ''],
            ['Found no place', number(zone.refused), zone.refused ? 'deny' : '']] : [['Zone', 'none']]),
        ['Candidate', status.candidate_policy ?? 'none'],
        ['Candidate: allow to deny', number(flips.allow_to_deny)],
        ['Candidate: deny to allow', number(flips.deny_to_allow)],
    ]);
}

async function refresh() {
    try {
        const response = await fetch('status.json', {cache: 'no-store'});
        if (!response.ok) throw new Error(`HTTP ${response.status}`);
        const status = await response.json();
        byId('policy').textContent = `Policy ${status.policy}, version ${status.version}`;
        showDecisions(status);
        showMost('apps', status.most_denied_apps);
        showMost('users', status.most_denied_users);
        showDenials(status);
        showZone(status);
        if (byId('state').textContent !== 'Live') byId('state').textContent = 'Live';
        before = status;
    } catch (error) {
        byId('state').textContent = `Not live: ${error.message}`;
    }
}

async function ask() {
    const answer = byId('answer');
    const query = new URLSearchParams([...new FormData(byId('form'))].filter(([, value]) => value !== ''));
    try {
        const said = await (await fetch(`explain?${query}`, {cache: 'no-store'})).json();
        if (said.error) {
            answer.replaceChildren(element('p', said.error, 'deny'));
            return;
        }
        const verdict = element('p');
        verdict.append(element('strong', said.decision, said.decision), ` – ${said.reason}${said.rule ? ` (${said.rule})` : ''}`);
        const steps = element('ol');
        for (const step of said.steps) steps.append(element('li', `${step.question} ${step.finding}`));
        answer.replaceChildren(verdict, steps);
    } catch (error) {
        answer.replaceChildren(element('p', `No answer: ${error.message}`, 'deny'));
    }
}

byId('form').addEventListener('submit', event => {
    event.preventDefault();
    ask();
});
refresh();
setInterval(() => document.hidden || refresh(), seconds * 1000);
