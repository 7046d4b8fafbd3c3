"""The few rules that the theme cannot say (ui/README of the design: hang them on st-key-* and data-testid only)."""

CSS = """<style>
.stMainBlockContainer{max-width:1240px;padding-top:2.6rem;padding-bottom:3rem}
h1.t{font-size:1.6rem;font-weight:650;margin:0;padding:0;line-height:1.25}
p.s{margin:.15rem 0 0;font-size:.93rem;color:color-mix(in srgb,currentColor 76%,transparent)}
[data-testid="stMetricValue"],[data-testid="stDataFrame"]{font-variant-numeric:tabular-nums}
.stHtml ul,.stHtml ol,.stHtml dl{padding:0!important;margin:0!important}
[data-testid="stCaptionContainer"],[data-testid="stCaptionContainer"] p{color:inherit;opacity:.88}
dl.f{display:grid;grid-template-columns:minmax(6.5rem,max-content) 1fr;gap:.35rem 1.1rem;margin:0}
dl.f dt{color:color-mix(in srgb,currentColor 76%,transparent);font-size:.9rem}
dl.f dd{margin:0;overflow-wrap:anywhere}
ol.tl{list-style:none;border-left:2px solid color-mix(in srgb,currentColor 14%,transparent);margin-left:.4rem!important}
ol.tl li{position:relative;padding:0 0 .9rem 1.1rem;margin:0}
ol.tl li::before{content:"";position:absolute;left:-6px;top:.42rem;width:10px;height:10px;border-radius:50%;background:#2B8A90}
ol.tl b{font-weight:600} ol.tl small{opacity:.78;margin-left:.6rem} ol.tl p{margin:.1rem 0 0}
ol.steps{display:grid;grid-auto-flow:column;grid-auto-columns:minmax(0,1fr);gap:4px;list-style:none}
ol.steps li{border-top:3px solid color-mix(in srgb,currentColor 14%,transparent);padding:.45rem 0 0;margin:0;
 color:color-mix(in srgb,currentColor 76%,transparent);font-size:.93rem;font-variant-numeric:tabular-nums}
ol.steps li.past,ol.steps li.now{border-color:#2B8A90} ol.steps li.past{color:inherit}
ol.steps li.now{color:inherit;font-weight:600}
.grid{overflow-x:auto} .grid table{border-collapse:separate;border-spacing:2px;font-variant-numeric:tabular-nums;
 font-size:.9rem;width:100%}
.grid th{font-weight:500;text-align:center;padding:.3rem .4rem;opacity:.85;vertical-align:bottom}
.grid tbody th{vertical-align:middle!important} .listed .grid :is(th,td){text-align:left}
.grid tbody th{text-align:left;white-space:nowrap;position:sticky;left:0;background:var(--ground,#fff);opacity:1}
.grid td{text-align:center;padding:.38rem .4rem;border-radius:4px;min-width:2.6rem;
 background:color-mix(in srgb,#2B8A90 var(--heat,0%),transparent)} .grid td.gap{border-left:1px solid
 color-mix(in srgb,currentColor 20%,transparent)}
.grid td[style] a{display:block;text-decoration:none} .grid td a:hover{text-decoration:underline}
.grid .no{color:color-mix(in srgb,currentColor 45%,transparent)} .grid tr.blank th,.grid tr.blank td.sum{color:#A42620;font-weight:600}
@media (prefers-color-scheme:dark){.grid{--ground:#0F1719} .grid tr.blank th,.grid tr.blank td.sum{color:#F79790}}
[data-testid="stSidebar"]{contain:layout}
[data-testid="stSidebarUserContent"]{padding-top:0;padding-bottom:5.2rem}
.st-key-menu{margin-top:.5rem}
.st-key-menu [data-testid="stElementContainer"]{margin:0}
.st-key-menu [data-testid="stPageLink-NavLink"]{padding:.22rem .55rem;min-height:2.1rem;border-radius:8px;margin:1px 0}
.st-key-menu-open [data-testid="stPageLink-NavLink"] p{font-weight:650}
.st-key-menu-pages{margin:.1rem 0 .5rem 1.1rem;padding-left:.45rem;width:calc(100% - 1.1rem);
 border-left:2px solid color-mix(in srgb,currentColor 12%,transparent)}
.st-key-menu-pages [data-testid="stPageLink-NavLink"]{min-height:1.85rem;padding:.12rem .5rem}
.st-key-menu-pages [data-testid="stPageLink-NavLink"] p{font-size:.93rem}
.st-key-menu-pages [data-testid="stExpander"] details{border:0;background:none}
.st-key-menu-pages [data-testid="stExpander"] summary{min-height:1.85rem;padding:.12rem .5rem}
.st-key-menu-pages [data-testid="stExpanderDetails"]{padding:0}
.st-key-foot{position:fixed;bottom:0;left:0;right:0;z-index:2;padding:.7rem 1.4rem .8rem;font-size:.87rem;
 background:var(--foot,#F4F7F7);border-top:1px solid color-mix(in srgb,currentColor 12%,transparent)}
.st-key-foot p{margin:.1rem 0}
@media (prefers-color-scheme:dark){.st-key-foot{--foot:#141D20}}
.st-key-head{gap:.6rem 1rem} .st-key-actions{flex:0 0 auto}
.stHtml a{color:inherit;text-decoration:underline;text-underline-offset:3px}
.stHtml h4{font-size:1rem;font-weight:600;margin:0 0 .5rem;padding:0}
[data-testid="stToastContainer"]{top:.35rem!important;left:calc(50% + 140px);right:auto;transform:translateX(-50%);
 margin:0!important;pointer-events:none}
[data-testid="stToast"]{pointer-events:none} [data-testid="stToast"] button{pointer-events:auto}
.fe{color:#A42620;font-size:.87rem;margin:-.55rem 0 .2rem;scroll-margin-top:11rem}
.refused{border-left:3px solid #A42620;padding:.5rem .8rem;border-radius:4px;background:color-mix(in srgb,#A42620 9%,transparent)}
.refused p{margin:.15rem 0}
[class*="st-key-item-"]{padding:.6rem .9rem;min-height:64px;gap:.5rem 1rem}
div.strip{display:flex;gap:8px;overflow-x:auto}
div.strip img{height:88px;width:auto;max-width:180px;object-fit:cover;border-radius:8px;display:block}
div.gal{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:12px}
div.gal a{display:block;text-decoration:none!important;border-radius:8px;overflow:hidden;
 border:1px solid color-mix(in srgb,currentColor 16%,transparent)}
div.gal img,div.gal i{display:flex;width:100%;aspect-ratio:4/3;object-fit:cover;align-items:center;justify-content:center;
 font-style:normal;font-weight:600;letter-spacing:.04em;background:color-mix(in srgb,currentColor 6%,transparent)}
div.gal span{display:block;padding:.35rem .55rem .5rem;font-size:.8rem;line-height:1.35;overflow-wrap:anywhere}
div.gal small{display:block;opacity:.76;font-size:.92em}
.st-key-add-files [data-testid="stFileUploaderDropzoneInstructions"]{display:none}
.st-key-agenda{display:none}
ol.ag{list-style:none} ol.ag li{display:grid;grid-template-columns:5.6rem 1fr;gap:.1rem .6rem;padding:.55rem 0;margin:0;
 border-top:1px solid color-mix(in srgb,currentColor 14%,transparent)} ol.ag a{font-weight:600} ol.ag small{grid-column:2}
ol.ag li.over{opacity:.6}
h4.due{font-size:.9rem!important;margin:.5rem 0 0!important;color:color-mix(in srgb,currentColor 76%,transparent)}
@media (prefers-color-scheme:dark){.fe{color:#F79790} button[kind="primary"],button[kind="primary"] p{color:#0C1B1E}}
@media (max-width:640px){.stMainBlockContainer{padding:4.2rem 1rem 3rem}
 [data-testid="stToastContainer"]{left:6.2rem;right:.4rem;transform:none} [data-testid="stToast"]{width:auto!important}
 [data-testid="stMetricLabel"] p{white-space:normal}
 .st-key-agenda{display:flex} .st-key-month-grid{display:none}
 ol.steps li{font-size:.78rem} [data-testid="stMetricValue"]{font-size:1.35rem}
 .st-key-head>:first-child{flex-basis:100%!important}
 [class*="st-key-item-"]>:first-child,[class*="st-key-month-"]>:first-child{flex-basis:100%!important}}
</style>"""

_EMPTY = '[data-rac][data-placeholder][data-type="{}"]'
_WORDS = (("year", "年"), ("month", "月"), ("day", "日"))
CHINESE = (
    "<style>"
    + "".join(
        f"{_EMPTY.format(part)}{{font-size:0}}{_EMPTY.format(part)}::after{{content:'{word}';font-size:.93rem}}"
        for part, word in _WORDS
    )
    + "</style>"
)  # an empty date says 年-月-日: its yyyy-mm-dd knows no language
