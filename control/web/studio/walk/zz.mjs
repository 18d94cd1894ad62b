import { browse, accessible } from './browser.mjs';
const url=process.argv[2];
const b=await browse({viewport:{width:360,height:1400},isMobile:true,hasTouch:true,locale:'fr-FR'}); const p=b.page;
for (const id of ['us-passport','lb-passport','cn-passport']) { await p.goto(url+'/documents/'+id);
 for (let i=0;i<2;i++) await p.screenshot({path:`/tmp/site/shots/c-${id}-${i}.png`,fullPage:true,clip:{x:0,y:i*1300+ (i?400:0),width:360,height:1300}}); await accessible(p,id)}
await p.goto(url+'/documents?q=passeport+allemagne'); await p.screenshot({path:'/tmp/site/shots/c-q.png'});
await b.close(); await b.forget();
const d=await browse({viewport:{width:1280,height:1700},colorScheme:'dark',locale:'ar',javaScriptEnabled:false}); await d.page.goto(url+'/documents/cn-passport'); await d.page.screenshot({path:'/tmp/site/shots/c-dark.png'}); await d.page.goto(url+'/documents'); await d.page.screenshot({path:'/tmp/site/shots/c-dark-list.png'}); await d.close(); await d.forget();
