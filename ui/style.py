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
ol.steps{display:grid;grid-template-columns:repeat(4,1fr);gap:4px;list-style:none}
ol.steps li{border-top:3px solid color-mix(in srgb,currentColor 14%,transparent);padding:.45rem 0 0;margin:0;
 color:color-mix(in srgb,currentColor 76%,transparent);font-size:.93rem;font-variant-numeric:tabular-nums}
ol.steps li.past,ol.steps li.now{border-color:#2B8A90} ol.steps li.past{color:inherit}
ol.steps li.now{color:inherit;font-weight:600}
[data-testid="stSidebarContent"]{display:flex;flex-direction:column}
[data-testid="stSidebar"]{contain:layout}
[data-testid="stSidebarHeader"]{order:0}
[data-testid="stSidebarUserContent"]{order:1;padding-top:0;padding-bottom:.4rem}
[data-testid="stSidebarNav"]{order:2;padding-bottom:5.2rem}
[data-testid="stSidebarNavSeparator"]{display:none}
.st-key-foot{position:fixed;bottom:0;left:0;right:0;z-index:2;padding:.7rem 1.4rem .8rem;font-size:.87rem;
 background:var(--foot,#F4F7F7);border-top:1px solid color-mix(in srgb,currentColor 12%,transparent)}
.st-key-foot p{margin:.1rem 0}
@media (prefers-color-scheme:dark){.st-key-foot{--foot:#141D20}}
.st-key-head{gap:.6rem 1rem} .st-key-actions{flex:0 0 auto}
.stHtml a{color:inherit;text-decoration:underline;text-underline-offset:3px}
.stHtml h4{font-size:1rem;font-weight:600;margin:0 0 .5rem;padding:0}
.fe{color:#A42620;font-size:.87rem;margin:-.55rem 0 .2rem}
@media (prefers-color-scheme:dark){.stHtml a{color:inherit;text-decoration:underline;text-underline-offset:3px}
.stHtml h4{font-size:1rem;font-weight:600;margin:0 0 .5rem;padding:0}
.fe{color:#F79790}}
@media (max-width:640px){.stMainBlockContainer{padding:4.2rem 1rem 3rem}
 .st-key-head>:first-child,[class*="st-key-month-"]>:first-child{flex-basis:100%!important}}
</style>"""
