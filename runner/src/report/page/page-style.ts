/**
 * The one style of all pages: light and dark, from a phone to a wide screen, and on paper. Nothing is wider than the
 * window: long words break, pictures shrink. Every pair of colours has at least the contrast of WCAG 2.1 AA (4.5 to 1).
 */
export const PAGE_STYLE = `:root{color-scheme:light dark;--page:#f4f6f8;--card:#fff;--text:#1b2430;--soft:#55606d;--line:#d6dde4;--link:#0b57c4;--code:#eef1f4;--bar:#5b7fb5;--rest:#c3ccd6;--good:#0b6b33;--good-back:#e2f5e9;--look:#7d4b00;--look-back:#fff2d4;--bad:#b3261e;--bad-back:#fdebea;--note:#2b4c7e;--note-back:#e7eef8}
@media (prefers-color-scheme:dark){:root{--page:#0f1419;--card:#181f27;--text:#e6edf3;--soft:#9eabb8;--line:#313b46;--link:#7db8ff;--code:#232c36;--bar:#7fa6de;--rest:#46525f;--good:#62d58f;--good-back:#10291b;--look:#f2bd52;--look-back:#2d2309;--bad:#ff9a92;--bad-back:#381718;--note:#a9c7fb;--note-back:#17243a}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;overflow-wrap:anywhere}
header,main,footer{max-width:72rem;margin:0 auto;padding:0 1rem}
header{padding-top:1.5rem}
footer{padding-bottom:2rem;color:var(--soft);font-size:.875rem}
h1{font-size:1.6rem;line-height:1.25;margin:.1rem 0 .9rem}
h2{font-size:1.2rem;line-height:1.3;margin:2rem 0 .6rem}
h3{font-size:1rem;margin:1.1rem 0 .3rem}
p{margin:.35rem 0}
a{color:var(--link)}
ul{margin:.3rem 0;padding-left:1.25rem}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.875em;background:var(--code);border-radius:.25rem}
code{padding:.1em .3em}
pre{white-space:pre-wrap;padding:.6rem .8rem;margin:.4rem 0}
.kind{color:var(--soft);font-size:.875rem;margin:0}
.card>h2:first-child,.item>h3:first-child{margin-top:.1rem}
.soft{color:var(--soft)}
.small{font-size:.875rem}
.card,.outcome,.item{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:.8rem 1rem;margin:.6rem 0}
.outcome{border-width:1px 1px 1px .4rem;padding:1rem 1.2rem}
.outcome .headline{font-size:1.3rem;line-height:1.35;font-weight:650;margin:0 0 .4rem}
.item{border-left-width:.3rem;padding:.6rem 1rem}
.item p:first-child{margin-top:0}
.good{border-color:var(--good);background:var(--good-back)}
.look{border-color:var(--look);background:var(--look-back)}
.bad{border-color:var(--bad);background:var(--bad-back)}
.note{border-color:var(--note);background:var(--note-back)}
.word{font-weight:650;white-space:nowrap}
.word svg{vertical-align:-.15em;margin-right:.3em}
.word.good,.word.look,.word.bad,.word.note{background:none;border:0}
.good>.headline,.word.good{color:var(--good)}
.look>.headline,.word.look{color:var(--look)}
.bad>.headline,.word.bad{color:var(--bad)}
.note>.headline,.word.note{color:var(--note)}
dl{display:grid;grid-template-columns:minmax(6rem,max-content) minmax(0,1fr);gap:.15rem 1rem;margin:.4rem 0}
dt{color:var(--soft)}
dd{margin:0}
.numbers{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:.6rem;padding:0;margin:.6rem 0;list-style:none}
.numbers li{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:.5rem .8rem}
.numbers b{display:block;font-size:1.3rem;line-height:1.3;font-variant-numeric:tabular-nums}
.numbers span{color:var(--soft);font-size:.875rem}
table{border-collapse:collapse;width:100%;font-size:.9375rem}
caption{text-align:left;color:var(--soft);font-size:.875rem;padding:.2rem 0 .4rem}
th,td{text-align:left;vertical-align:top;padding:.3rem .5rem;border-bottom:1px solid var(--line)}
thead th{color:var(--soft);font-weight:600;font-size:.875rem}
tbody th{font-weight:400}
th:first-child,td:first-child{padding-left:0}
th:last-child,td:last-child{padding-right:0}
th.number,td.number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
details{margin:.4rem 0}
summary{cursor:pointer;color:var(--link)}
svg{display:block;max-width:100%}
.word svg{display:inline-block}
svg .bar{fill:var(--bar)}
svg .rest{fill:var(--rest)}
svg .good{fill:var(--good)}
svg .look{fill:var(--look)}
svg .bad{fill:var(--bad)}
svg .note{fill:var(--note)}
svg .line{stroke:var(--line)}
.stages{list-style:none;padding:0;margin:0}
.stages li{display:grid;grid-template-columns:15rem minmax(0,1fr) 6rem 7rem;gap:.1rem 1rem;align-items:center;padding:.45rem 0;border-bottom:1px solid var(--line)}
.stages li:last-child{border-bottom:0}
.stages .took{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.stages .said{grid-column:1/-1;color:var(--soft);font-size:.875rem}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,18rem),1fr));gap:1rem}
figure{margin:.6rem 0}
figcaption{color:var(--soft);font-size:.875rem;margin:.2rem 0}
img{display:block;max-width:100%;height:auto;border:1px solid var(--line);border-radius:.3rem;background:#fff}
.tall{max-height:24rem;object-fit:cover;object-position:top}
.side{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:.8rem}
.side.one{grid-template-columns:minmax(0,1fr)}
.side.two{grid-template-columns:repeat(2,minmax(0,1fr))}
.side figure{margin:0}
@media (max-width:48rem){
.stages li{grid-template-columns:minmax(0,1fr) max-content max-content;gap:.1rem .8rem}
.stages svg{grid-column:1/-1;grid-row:2}
h1{font-size:1.35rem}
.wide-only{display:none}
.outcome .headline{font-size:1.15rem}
}
@media (max-width:36rem){
.side,.side.two{grid-template-columns:minmax(0,1fr)}
}
@media (max-width:30rem){
body{font-size:15px}
table{font-size:.875rem}
th,td{padding:.3rem .25rem}
th.number,td.number{white-space:normal;min-width:3.4rem}
dl{grid-template-columns:minmax(0,1fr)}
dd{margin-bottom:.35rem}
}
@media print{
:root{color-scheme:light;--page:#fff;--card:#fff;--text:#000;--soft:#444;--line:#bbb;--link:#000;--code:#f2f2f2;--bar:#5b7fb5;--rest:#c3ccd6;--good:#0b6b33;--good-back:#fff;--look:#7d4b00;--look-back:#fff;--bad:#b3261e;--bad-back:#fff;--note:#2b4c7e;--note-back:#fff}
header,main,footer{max-width:none;padding:0}
.item,.card,.outcome,.stages li,tr,figure{break-inside:avoid}
h2,h3{break-after:avoid}
details::details-content{content-visibility:visible;display:block;height:auto}
}
`;
