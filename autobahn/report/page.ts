/**
 * Style and script of the HTML report.
 *
 * Rule: no library, no network, no innerHTML. A verdict is told by colour, by shape and by word.
 */

export const PAGE_STYLE = `
:root{color-scheme:light dark;--bg:#fbfaf7;--ink:#1d2126;--soft:#6b7280;--line:#e3e0d8;--card:#fff;--ok:#2f9e6e;--non:#e0a526;--info:#4c86c6;--un:#b5b8be;--bad:#d2493f;--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
@media(prefers-color-scheme:dark){:root{--bg:#14171b;--ink:#e7e5df;--soft:#969ca6;--line:#2b3037;--card:#1b1f25;--ok:#3fb984;--non:#e6b450;--info:#6ba4e0;--un:#555b65;--bad:#ef6a5f}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:78rem;padding:2.5rem 1.5rem 6rem;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.9rem;letter-spacing:-.02em;margin:0}
header p{color:var(--soft);margin:.2rem 0 1.6rem}
#agents{display:grid;grid-template-columns:repeat(auto-fill,minmax(17rem,1fr));gap:1rem}
.agent{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:1rem 1.1rem}
.agent h2{font-size:1rem;margin:0 0 .5rem;overflow-wrap:anywhere}
.bar{display:flex;height:8px;border-radius:4px;overflow:hidden;gap:1px}
.bar i{display:block}
.counts{margin:.6rem 0 0;padding:0;list-style:none;display:flex;flex-wrap:wrap;gap:.2rem .9rem;font-size:.85rem;color:var(--soft)}
.counts b{color:var(--ink);font-variant-numeric:tabular-nums}
#filters{position:sticky;top:0;background:var(--bg);padding:1rem 0;display:flex;flex-wrap:wrap;gap:.5rem;z-index:1;border-bottom:1px solid var(--line)}
#filters input{flex:1 1 14rem;font:inherit;padding:.45rem .8rem;border:1px solid var(--line);border-radius:8px;background:var(--card);color:inherit}
#filters button{display:inline-flex;align-items:center;font:inherit;font-size:.85rem;padding:.4rem .75rem;border:1px solid var(--line);border-radius:99px;background:var(--card);color:inherit;cursor:pointer}
.key{display:inline-block;width:14px;height:14px;border-radius:4px;margin-right:.45rem;color:#fff;font:700 10px/14px var(--mono);text-align:center}
.none{color:var(--soft)}
#filters button[aria-pressed=true]{border-color:var(--ink);box-shadow:inset 0 0 0 1px var(--ink)}
.group{margin-top:1.8rem}
.group h2{font-size:1.05rem;margin:0 0 .6rem}
.group h2 small{color:var(--soft);font-weight:400;margin-left:.5rem}
.row{display:grid;grid-template-columns:11rem 1fr;gap:.8rem;margin-bottom:.5rem;align-items:start}
.row>span{font-size:.8rem;color:var(--soft);padding-top:.1rem;overflow-wrap:anywhere}
.cells{display:flex;flex-wrap:wrap;gap:3px}
.cell{width:18px;height:18px;border:0;border-radius:4px;padding:0;cursor:pointer;font:700 11px/18px var(--mono);color:#fff;background:var(--un)}
.cell:hover,.cell:focus-visible{outline:2px solid var(--ink);outline-offset:1px}
.cell.dim{opacity:.12}
.v-OK{background:var(--ok)}.v-NON{background:var(--non)}.v-INF{background:var(--info)}.v-UNI{background:var(--un)}.v-BAD{background:var(--bad)}
dialog{width:min(62rem,94vw);max-height:90vh;border:1px solid var(--line);border-radius:14px;background:var(--card);color:var(--ink);padding:1.6rem 1.8rem}
dialog::backdrop{background:#0007}
dialog h2{margin:0 2.5rem .3rem 0;font-size:1.3rem}
dialog .shut{position:absolute;right:1rem;top:1rem;font:inherit;border:0;background:none;color:var(--soft);cursor:pointer;font-size:1.3rem;line-height:1;padding:.3rem .5rem;border-radius:8px}
dialog .shut:focus-visible{outline:2px solid var(--line)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.35rem 1.2rem;margin:1rem 0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
.tag{display:inline-block;border-radius:99px;color:#fff;font-size:.78rem;font-weight:600;padding:.05rem .6rem;margin-right:.4rem}
pre{font:12.5px/1.5 var(--mono);background:var(--bg);border:1px solid var(--line);border-radius:8px;padding:.7rem .9rem;overflow:auto;max-height:14rem;white-space:pre-wrap;overflow-wrap:anywhere}
.log{width:100%;border-collapse:collapse;font:12px/1.5 var(--mono)}
.log td{border-top:1px solid var(--line);padding:.25rem .6rem .25rem 0;vertical-align:top}
.log td:first-child{color:var(--soft);text-align:right;white-space:nowrap;width:5rem}
.log td:nth-child(2){width:5.5rem;white-space:nowrap}
.log td:last-child{overflow-wrap:anywhere}
.log .sent td:nth-child(2){color:var(--info)}.log .got td:nth-child(2){color:var(--ok)}.log .note{color:var(--soft);font-style:italic}
.octets{color:var(--soft)}
@media(max-width:40rem){.row{grid-template-columns:1fr;gap:.2rem}}
`;

export const PAGE_SCRIPT = `
'use strict';
const data=JSON.parse(document.getElementById('data').textContent);
const WORDS=['OK','NON-STRICT','INFORMATIONAL','UNIMPLEMENTED','FAILED'];
const KEYS={OK:'OK','NON-STRICT':'NON',INFORMATIONAL:'INF',UNIMPLEMENTED:'UNI'};
const SHAPES={OK:'',NON:'~',INF:'i',UNI:'-',BAD:'!'};
const OPCODES={0:'continuation',1:'text',2:'binary',8:'Close',9:'ping',10:'pong'};
const worst=(c)=>{const w=[c.behavior,c.behaviorClose].map((x)=>WORDS.includes(x)?x:'FAILED');return w.sort((a,b)=>WORDS.indexOf(b)-WORDS.indexOf(a))[0]==='UNIMPLEMENTED'&&w.includes('FAILED')?'FAILED':w[0]};
const key=(word)=>KEYS[word]||'BAD';
const el=(name,text,cls)=>{const e=document.createElement(name);if(text!==undefined&&text!==null)e.textContent=text;if(cls)e.className=cls;return e};
const order=(a,b)=>{const x=a.split('.').map(Number),y=b.split('.').map(Number);for(let i=0;i<3;i++){const d=(x[i]??-1)-(y[i]??-1);if(d)return d}return 0};
const agents=data.agents;
for(const c of data.cases){const [description,expectation]=data.about[c.id];Object.assign(c,{behavior:'OK',behaviorClose:'OK',description,expectation,...c,agent:agents[c.agent]})}
document.getElementById('made').textContent=Object.keys(data.about).length+' cases, '+agents.length+(agents.length===1?' agent':' agents')+(data.day?', '+data.day:'');
for(const agent of agents){
  const own=data.cases.filter((c)=>c.agent===agent);
  const card=el('article',undefined,'agent');card.append(el('h2',agent));
  const bar=el('div',undefined,'bar'),list=el('ul',undefined,'counts');
  for(const word of WORDS){const n=own.filter((c)=>worst(c)===word).length;if(!n)continue;
    const part=el('i',undefined,'v-'+key(word));part.style.flex=n;bar.append(part);
    const item=el('li');item.append(el('b',n),' '+word);list.append(item)}
  card.append(bar,list);document.getElementById('agents').append(card)}
let wanted='',query='';
const search=el('input');search.type='search';search.placeholder='Case id or words, such as 6.4 or masking';search.setAttribute('aria-label','Search');
const chips=WORDS.filter((word)=>data.cases.some((c)=>worst(c)===word)).map((word)=>{const k=key(word),b=el('button');b.append(el('span',SHAPES[k],'key v-'+k),word);b.setAttribute('aria-pressed','false');
  b.onclick=()=>{wanted=wanted===word?'':word;for(const c of chips)c.setAttribute('aria-pressed',String(c===b&&wanted!==''));dim()};return b});
search.oninput=()=>{query=search.value.toLowerCase();dim()};
document.getElementById('filters').append(search,...chips);
const cells=[];
for(const [group,about] of data.groups){
  const own=data.cases.filter((c)=>Number(c.id.split('.')[0])===group);if(!own.length)continue;
  const section=el('section',undefined,'group'),title=el('h2',group+'  '+about);
  title.append(el('small',new Set(own.map((c)=>c.id)).size+' cases'));section.append(title);
  for(const agent of agents){
    const mine=own.filter((c)=>c.agent===agent).sort((a,b)=>order(a.id,b.id));if(!mine.length)continue;
    const row=el('div',undefined,'row'),box=el('div',undefined,'cells');row.append(el('span',agent),box);
    for(const c of mine){const k=key(worst(c)),cell=el('button',SHAPES[k],'cell v-'+k);
      cell.title=c.id+'  '+c.behavior+(c.behaviorClose===c.behavior?'':' / '+c.behaviorClose)+'\\n'+c.description;
      cell.setAttribute('aria-label',c.agent+', case '+c.id+': '+c.behavior+', closing '+c.behaviorClose);
      cell.onclick=()=>show(c);cells.push([cell,c]);box.append(cell)}
    section.append(row)}
  document.getElementById('matrix').append(section)}
const none=el('p','No case fits.','none');none.hidden=true;document.getElementById('matrix').append(none);
const isId=/^[0-9]+([.][0-9]*)*$/;
const fits=(c)=>!query||(isId.test(query)?(c.id+'.').startsWith(query.endsWith('.')?query:query+'.'):(c.description+' '+c.agent).toLowerCase().includes(query));
function dim(){
  for(const [cell,c] of cells)cell.classList.toggle('dim',!((!wanted||worst(c)===wanted)&&fits(c)));
  let shown=0;
  for(const section of document.querySelectorAll('.group')){section.hidden=!section.querySelector('.cell:not(.dim)');if(!section.hidden)shown++}
  none.hidden=shown>0}
function step(by){const at=cells.findIndex(([,c])=>c===current);
  for(let i=at+by;i>=0&&i<cells.length;i+=by)if(!cells[i][0].classList.contains('dim'))return show(cells[i][1])}
let current;
const detail=document.getElementById('detail');
detail.onclick=(e)=>{if(e.target===detail)detail.close()};
const tag=(word)=>el('span',word,'tag v-'+key(word));
const spaced=(hex)=>hex.replace(/([0-9a-f]{2})(?=[0-9a-f])/g,'$1 ');
const rest=(size,shown)=>size>shown?' \u2026 '+size.toLocaleString('en')+' octets':'';
const readable=(text)=>text.replace(/[\\u0000-\\u001f\\u007f-\\u00ff]/g,'\\u00b7');
function line(entry){
  const [at,kind,said,...more]=entry;const tr=el('tr');const [size,text]=Array.isArray(said)?said:[0,said];tr.append(el('td',Number(at).toFixed(1)+' ms'));
  const out=kind[0]==='T';
  if(kind==='NOTE'){tr.className='note';tr.append(el('td',''),el('td',text));return tr}
  tr.className=out?'sent':'got';
  if(kind[1]==='O'){tr.append(el('td',out?'sent'+(more[1]?' \u00d7'+more[1]:''):'received'),el('td',spaced(text)+rest(size,text.length/2),'octets'));return tr}
  const [opcode,fin,rsv]=more;const td=el('td');
  td.append((OPCODES[opcode]||'opcode '+opcode)+(fin?'':', more to come')+(rsv?', RSV '+rsv:'')+', '+size.toLocaleString('en')+' octets  ',el('span',readable(opcode===8?text.slice(2):text).slice(0,80),'octets'));
  if(opcode===8&&text.length>1)td.append(' code '+(text.charCodeAt(0)*256+text.charCodeAt(1)));
  tr.append(el('td',out?'frame out':'frame in'),td);return tr}
const events=(list)=>list.length?list.map((e)=>JSON.stringify(e)).join('\\n').slice(0,2000):'nothing';
function show(c){
  current=c;
  const shut=el('button','\\u00d7','shut');shut.setAttribute('aria-label','Close');shut.onclick=()=>detail.close();
  const title=el('h2','Case '+c.id);title.id='detail-title';
  const dl=el('dl');const pair=(name,...value)=>{const dd=el('dd');dd.append(...value);dl.append(el('dt',name),dd)};
  pair('Agent',c.agent);pair('Case',c.description);pair('Expected',c.expectation);
  pair('Behaviour',tag(c.behavior),c.result||'');pair('Closing',tag(c.behaviorClose),c.resultClose||'');
  if(!c.wirelog){detail.replaceChildren(shut,title,dl,el('p','This report keeps the wire logs of cases that failed.','none'));return open(c)}
  pair('Close codes','suite '+(c.localCloseCode??'none')+', peer '+(c.remoteCloseCode??'none')+(c.remoteCloseReason?' \\u201c'+c.remoteCloseReason+'\\u201d':''));
  pair('Traffic',c.octetsSent.toLocaleString('en')+' octets out, '+c.octetsReceived.toLocaleString('en')+' in, '+c.duration+' ms');
  const log=el('table',undefined,'log');for(const entry of c.wirelog)log.append(line(entry));
  const hidden=(c.wirelogHidden||0)+(c.wirelogDropped||0);
  detail.replaceChildren(shut,title,dl);
  if(c.expected&&c.expected.OK)detail.append(el('h3','Events expected and seen'),el('pre','expected\\n'+events(c.expected.OK)+'\\n\\nseen\\n'+events(c.received)));
  detail.append(el('h3','Opening handshake'),el('pre',(c.httpRequest.trim()+'\\n\\n'+c.httpResponse.trim()).trim().slice(0,6000)),el('h3','Wire log'),log);
  if(hidden)detail.append(el('p',hidden+' more entries are not shown.'));
  open(c)}
function open(c){history.replaceState(null,'','#'+encodeURIComponent(c.agent+'/'+c.id));if(!detail.open)detail.showModal();detail.scrollTop=0}
detail.addEventListener('keydown',(e)=>{if(e.key==='ArrowRight')step(1);else if(e.key==='ArrowLeft')step(-1)});
detail.addEventListener('close',()=>history.replaceState(null,'',location.pathname+location.search));
const named=decodeURIComponent(location.hash.slice(1));
const first=data.cases.find((c)=>c.agent+'/'+c.id===named);if(first)show(first);
`;
