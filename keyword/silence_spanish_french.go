package keyword

// Wishes for silence in Spanish as written in the US, and in French as written in
// Canada. Accents and apostrophes are removed: "ne m'écrivez plus" is "ne mecrivez
// plus".

var spanishSilence = []string{
	`no (?:me|nos) (?:vuelva[ns]? a |siga[ns]? )?(?:escriba[ns]?|escribir|escribiendo|texte(?:e[ns]?|ando|ar|n|s)?|contacte[ns]?|contactar|contactando|moleste[ns]?|molestar|molestando|mensajee[ns]?|hable[ns]?|hablar|textie[ns]?)`,
	`no (?:me|nos) (?:vuelva[ns]? a |siga[ns]? )?(?:envie[ns]?|mande[ns]?|enviar|mandar|enviando|mandando)(?: (?:mas|otro|otros|estos|esos|sus|ningun|de|tantos|los))*(?: (?:mensajes?|mensajitos|textos?|sms|notificaciones|nada|cosas)|$)`,
	`no (?:envie[ns]?|mande[ns]?|escriba[ns]?|textee[ns]?|contacte[ns]?|moleste[ns]?|jodan|joda)(?: (?:mas|otro|estos|sus|a este numero|me))*(?: (?:mensajes?|textos?|sms))?$`,
	`(?:deja|deje|dejen|dejar|para|pare|paren|parar|basta|ya) de (?:escribir|molestar|textear|contactar|mensajear|joder|acosar|chingar|fastidiar)(?:me|nos|le|les)?`,
	`(?:deja|deje|dejen|dejar|para|pare|paren|parar|basta) de (?:enviar|mandar)(?:me|nos)?(?: (?:mas|estos|esos|sus|tantos|tus|los))*(?: (?:mensajes?|mensajitos|textos?|sms|notificaciones|cosas)|$)`,
	`(?:anular|anulen|pare[ns]?|paren|basta ya de|detenga[ns]?|deten|cancele[ns]?|cancelar|cancela|quiten?|eliminar|elimine[ns]?|suspenda[ns]?|suspender|terminar|apaguen?|basta con|basta de|no mas)(?: (?:los|estos|esos|sus|tus|todos|de|con|estas|las))* (?:mensajes?|mensajitos|textos?|sms|notificaciones|alertas)`,
	`(?:ya )?no (?:quiero|deseo|queremos|necesito|me interesa)(?: (?:recibir|mas|sus|estos|tus|que|me|nos|lleguen|llegue|manden|envien|de|ningun|los|esos|recibiendo|seguir))* (?:mensajes?|mensajitos|textos?|sms|notificaciones|comunicaciones)`,
	`(?:ya )?no (?:quiero|deseo|queremos) que (?:me|nos) (?:escriba[ns]?|contacte[ns]?|texte?e[ns]?|moleste[ns]?|manden|envien|hablen)`, `(?:ya )?no quiero (?:que )?(?:me )?(?:texteen|escriban)`, `(?:ya )?no mas TEXTS`, `no mas text(?:s|o|os)?`, `cancela[r]?(?: (?:mi|la))? suscripcion (?:de|a)(?: los)? (?:mensajes|textos|sms)`, `(?:dejo|dejar|puedo dejar) de recibir(?: (?:estos|sus|los|mas))* (?:mensajes|textos|sms)`, `(?:que|para que) no me (?:lleguen|llegue|manden|envien)(?: (?:mas|estos|los))* (?:mensajes?|textos?|sms)`, `si me (?:vuelven|vuelve|vuelves) a (?:escribir|mandar|textear|contactar)`, `retire(?:n)?me de (?:la|su) lista`,
	`(?:deja|deje|dejen)(?:me|nos) en paz`, `(?:dejame|dejenme|dejeme|dejenos|dejennos|dejen me) (?:en paz|tranquil[oa])`, `(?:quiero|quisiera|deseo|necesito)(?: (?:que me|me))? (?:den|darme|dar) de baja$`,
	`(?:quiten|quita|quite|saquen|saca|saque|borren|borra|borre|elimine[ns]?|elimina)(?:me| me)?(?: (?:mi numero|mi nombre|mi telefono|este numero))? de (?:la|su|tu|sus|esta|la su) ?(?:lista|listas|base de datos|sistema)`,
	`(?:quiten|quite|quita|saquen|saque|saca|borren|borre|borra|eliminen|elimine|elimina)me de (?:la|su|tu|sus|esta) (?:lista|listas|base de datos|sistema)`, `(?:quitar|borrar|sacar|eliminar)(?:me)? de (?:la|su|esta) lista`,
	`(?:olviden|olvida|borren|pierdan) mi numero`, `revoco (?:mi )?(?:consentimiento|permiso|autorizacion)`, `vayanse`, `largo de aqui`, `no molest(?:en|ar|e)(?: mas)?`, `deja mi telefono`, `(?:no|ya no) (?:me )?(?:manden|mandes|envien) (?:nada|mas)$`,
}

// frenchTexts matches what should not be sent any more: texts, or anything.
const frenchTexts = `(?:(?: (?:de|d|des|les|vos|ces|aucun|aucuns|mes|tous))* (?:TEXTS|rien)| (?:a|sur|au) (?:ce|mon) (?:numero|telephone|cell|cellulaire)| (?:ici|svp|sil vous plait|jamais|maintenant)|$)`

var frenchSilence = []string{
	`(?:je )?me (?:desabonne|desinscri[st]?|retire)`, `jveux pu recevoir`, `cessez immediatement`,
	`(?:ne )?(?:me|nous|m) (?:ecri(?:vez|s|ve)|text(?:ez|e)|contact(?:ez|e)|envoy(?:ez|e)|derang(?:ez|e)|appel(?:ez|le)|harcel(?:ez|e)|relanc(?:ez|e)|parlez|contacter|texter|deranger) ?(?:plus|pas|jamais|pu|pus)`,
	`(?:ne )?(?:mecri(?:vez|s|re)|mappelez) ?(?:plus|pas|jamais)`, `(?:ne )?menvoy(?:ez|er|e) ?(?:plus|pas|jamais)` + frenchTexts, `ne plus (?:mecrire|me contacter|me texter|me deranger|etre contacte|etre derange)`, `ne plus (?:menvoyer|recevoir)` + frenchTexts,
	`(?:nenvoyez|necrivez|nenvoie|necris) (?:plus|pas)` + frenchTexts, `ne (?:textez|contactez|derangez) (?:plus|pas)`, `ne (?:envoyez|ecrivez|communiquez) (?:plus|pas)` + frenchTexts,
	`(?:arret(?:ez|e|er)|cess(?:ez|e|er)|stop(?:pez|per)?|finissez|fini|arret) (?:de |d |des |the |les |ces |tous |vos |ce |avec |ca |la |l |svp |donc |tout de suite )*(?:mecrire|menvoyer|me texter|me contacter|me deranger|me harceler|texter|denvoyer|decrire|me spammer|me relancer|mappeler|nous ecrire|nous texter|nous contacter|contacter|textos?|messages?|sms|notifications|rappels|envois de|communications|alertes|pub|pubs|publicites|spam|messages textes)`,
	`(?:p(?:l)?us? (?:de|aucun|jamais de)|pas de|aucun|finis?) (?:textos?|messages?|sms|notifications|pubs?)`, `(?:je )?ne (?:veux|desire|souhaite|voudrais) (?:plus|pas)(?: (?:recevoir|de|vos|ces|aucun|que vous|etre|mes|des|les|avoir|jamais|recevoir de|mecriviez|me))* (?:textos?|messages?|sms|notifications|contacte(?:e)?|texte(?:e)?|ecriviez|textiez|contactiez|communications|derange(?:e)?)`,
	`(?:je )?(?:veux|desire|souhaite) (?:plus|pas)(?: (?:recevoir|de|vos|ces))* (?:textos?|messages?|sms)`, `(?:je )?ne veux plus (?:que vous )?(?:mecri(?:viez|ve)|rien recevoir|entendre parler)`, `(?:laissez|laisse|lachez|fichez|foutez)(?: moi| nous)? (?:tranquille|la paix|en paix|moi)`, `(?:laissez|laisse) moi (?:tranquille|en paix)`, `(?:annul(?:ez|er)|supprim(?:ez|er)|desactiv(?:ez|er)|coupez|retirez)(?: (?:les|vos|ces|tous|mes))* (?:textos?|messages?|sms|notifications|alertes|rappels)`,
	`(?:enlev(?:ez|er)|retir(?:ez|er)|supprim(?:ez|er)|effac(?:ez|er)|ot(?:ez|er)|ray(?:ez|er))(?: (?:moi|nous|mon numero|mon nom|ce numero|mon telephone|mon cell))? de (?:la|votre|vos|cette|toutes|ta) ?(?:les |vos )?(?:listes?|base|systeme)`, `(?:retirez|enlevez|oubliez|perdez|effacez|supprimez) (?:mon|ce) numero`, `je revoque (?:mon )?(?:consentement|accord|autorisation)`, `je retire mon consentement`, `mauvais numero`,
	`(?:vous )?navez pas (?:mon|le) (?:consentement|droit)`,
}
