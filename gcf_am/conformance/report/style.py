"""How the page looks: on a screen, light or dark, and on paper; and its filter, without script."""

import base64
import hashlib
from typing import Final

STYLE: Final = """
:root { color-scheme: light dark; --page: #fff; --ink: #1c2126; --quiet: #59636e; --line: #d5dae0;
  --box: #f5f7f9; --pass: #1a7f37; --fail: #cf222e; --warn: #8a5a00; --skip: #6b7480;
  --cannot-tell: #7a3fc4; }
@media (prefers-color-scheme: dark) { :root { --page: #14171b; --ink: #e3e7eb; --quiet: #9aa4ae;
  --line: #333a42; --box: #1d2126; --pass: #4ac26b; --fail: #ff7b72; --warn: #e0a93b;
  --skip: #97a1ab; --cannot-tell: #bb92f5; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 62rem; background: var(--page);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { margin: 0; font-size: 1.6rem; line-height: 1.25; }
h2 { margin: 2.2rem 0 .6rem; font-size: 1.2rem; }
h3 { margin: 1.4rem 0 .3rem; font-size: 1rem; }
p { margin: .4rem 0; }
a { color: inherit; }
.quiet { color: var(--quiet); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: .8rem 0; }
dt { color: var(--quiet); } dd { margin: 0; }
.sum { font-size: 1.15rem; font-weight: 600; }
svg { display: block; width: 100%; height: .7rem; border-radius: .35rem; margin: .6rem 0; }
svg .pass { fill: var(--pass); } svg .fail { fill: var(--fail); } svg .warn { fill: var(--warn); }
svg .skip { fill: var(--skip); } svg .cannot-tell { fill: var(--cannot-tell); }
.mark { font-weight: 600; white-space: nowrap; }
.mark.pass { color: var(--pass); } .mark.fail { color: var(--fail); }
.mark.warn { color: var(--warn); } .mark.skip { color: var(--skip); }
.mark.cannot-tell { color: var(--cannot-tell); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); text-align: left;
  vertical-align: top; overflow-wrap: normal; }
thead th { color: var(--quiet); font-weight: 500; }
tbody th { font-weight: 500; }
td .mark { margin-right: .7rem; font-weight: 500; }
label.filter { display: inline-block; margin: 0 1.3rem .3rem .35rem; }
.check { border: 1px solid var(--line); border-left: .3rem solid var(--skip); border-radius: .3rem;
  margin: .35rem 0; background: var(--box); }
.check.pass { border-left-color: var(--pass); } .check.fail { border-left-color: var(--fail); }
.check.warn { border-left-color: var(--warn); }
.check.cannot-tell { border-left-color: var(--cannot-tell); }
.check > summary { display: grid; grid-template-columns: 7.5rem 4.5rem 1fr; gap: 0 .6rem;
  padding: .35rem .7rem; cursor: pointer; list-style: none; }
.check > summary::-webkit-details-marker { display: none; }
.check .why { grid-column: 3; font-size: .85rem; color: var(--quiet); }
.check .id { grid-column: 3; font: .8rem ui-monospace, monospace; color: var(--quiet); }
.check .severity { color: var(--quiet); font-size: .85rem; line-height: 1.75; }
.check > div { padding: .1rem .9rem .8rem; border-top: 1px solid var(--line); }
.call { margin: .5rem 0; }
.call > summary { cursor: pointer; color: var(--quiet); font-size: .9rem; }
pre { margin: .25rem 0; padding: .5rem .7rem; max-height: 28rem; overflow: auto;
  white-space: pre-wrap; background: var(--page); border: 1px solid var(--line);
  border-radius: .3rem; font: .8rem/1.45 ui-monospace, monospace; }
#show-pass:not(:checked) ~ section .check.pass, #show-fail:not(:checked) ~ section .check.fail,
#show-warn:not(:checked) ~ section .check.warn, #show-skip:not(:checked) ~ section .check.skip,
#show-cannot-tell:not(:checked) ~ section .check.cannot-tell { display: none; }
@media (max-width: 40rem) { .check > summary { grid-template-columns: 1fr auto; }
  .check .rule, .check .id, .check .why { grid-column: 1 / -1; }
  dl { grid-template-columns: 1fr; } dd { margin-bottom: .4rem; } }
@page { size: A4; margin: 15mm; }
@media print { :root { --page: #fff; --ink: #000; --quiet: #444; --line: #bbb; --box: #fff;
    --pass: #1a7f37; --fail: #b3141f; --warn: #7a5000; --skip: #555; --cannot-tell: #5f2ba8; }
  html { font-size: 9.5pt; } body { max-width: none; padding: 0; }
  input.filter, label.filter { display: none; } h2, h3 { break-after: avoid; } tr, .check > summary,
  .check > div > dl { break-inside: avoid; }
  pre { max-height: none; overflow: visible; } svg, .check { print-color-adjust: exact; } }
"""

# What the page may do: look as it does, and nothing else
POLICY: Final = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode("ascii")
    + "'"
)
