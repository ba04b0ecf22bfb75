//! Names in other scripts, each with its spelling in Latin letters behind `=`. A space separates
//! names, `/` the form of men from that of women.

use super::{Culture, Shape};

pub(super) static SCRIPTS: [Culture; 12] = [
    Culture {
        weight: 100,
        language: "Arabic",
        shape: Shape::Plain,
        families: "الهاشمي=Al-Hashimi المصري=El-Masry الخطيب=Al-Khatib حداد=Haddad منصور=Mansour \
            العلي=Al-Ali السيد=El-Sayed درويش=Darwish الطيب=El-Tayeb نجار=Najjar صالح=Saleh \
            عثمان=Osman خليل=Khalil شاهين=Shaheen البشير=El-Bashir قاسم=Qasim يوسف=Youssef",
        female: "فاطمة=Fatima عائشة=Aisha مريم=Maryam زينب=Zaynab خديجة=Khadija نور=Nour \
            ليلى=Layla هدى=Huda سلمى=Salma أمينة=Amina رانيا=Rania سعاد=Suad ياسمين=Yasmin \
            إيمان=Iman سارة=Sara نادية=Nadia",
        male: "محمد=Mohammed أحمد=Ahmed علي=Ali حسن=Hassan حسين=Hussein عمر=Omar إبراهيم=Ibrahim \
            خالد=Khaled يوسف=Yusuf طارق=Tariq سامي=Sami عبدالله=Abdullah كريم=Karim بلال=Bilal \
            مصطفى=Mustafa رامي=Rami",
    },
    Culture {
        weight: 70,
        language: "Russian",
        shape: Shape::Plain,
        families: "Кузнецов/Кузнецова=Kuznetsov/Kuznetsova Соколов/Соколова=Sokolov/Sokolova \
            Лебедев/Лебедева=Lebedev/Lebedeva Морозов/Морозова=Morozov/Morozova \
            Волков/Волкова=Volkov/Volkova Зайцев/Зайцева=Zaytsev/Zaytseva \
            Шевченко=Shevchenko Ковальчук=Kovalchuk Бондаренко=Bondarenko Мельник=Melnyk \
            Щербаков/Щербакова=Shcherbakov/Shcherbakova Ёлкин/Ёлкина=Yolkin/Yolkina \
            Гончаренко=Honcharenko Тимошенко=Tymoshenko",
        female: "Анна=Anna Мария=Maria Елена=Yelena Ольга=Olga Наталья=Natalya Татьяна=Tatyana \
            Ксения=Ksenia Людмила=Lyudmila Оксана=Oksana Зоя=Zoya Юлия=Yulia Надежда=Nadezhda",
        male: "Александр=Aleksandr Дмитрий=Dmitry Сергей=Sergey Андрей=Andrey Михаил=Mikhail \
            Юрий=Yury Владимир=Vladimir Тарас=Taras Богдан=Bohdan Фёдор=Fyodor Олег=Oleg \
            Игорь=Igor",
    },
    Culture {
        weight: 30,
        language: "Greek",
        shape: Shape::Plain,
        families: "Παπαδόπουλος/Παπαδοπούλου=Papadopoulos/Papadopoulou \
            Γεωργίου=Georgiou Νικολάου=Nikolaou Οικονόμου=Oikonomou \
            Βασιλειάδης/Βασιλειάδου=Vasileiadis/Vasileiadou \
            Αλεξίου=Alexiou Καραγιάννης/Καραγιάννη=Karagiannis/Karagianni \
            Χριστοδούλου=Christodoulou Σταματίου=Stamatiou",
        female: "Μαρία=Maria Ελένη=Eleni Κατερίνα=Katerina Βασιλική=Vasiliki Δήμητρα=Dimitra \
            Σοφία=Sofia Ευαγγελία=Evangelia Χρυσούλα=Chrysoula",
        male: "Γιώργος=Giorgos Δημήτρης=Dimitris Κώστας=Kostas Νίκος=Nikos Παναγιώτης=Panagiotis \
            Θανάσης=Thanasis Σπύρος=Spyros Ηλίας=Ilias",
    },
    Culture {
        weight: 100,
        language: "Chinese",
        shape: Shape::Plain,
        families: "王=Wang 李=Li 张=Zhang 刘=Liu 陈=Chen 杨=Yang 黄=Huang 赵=Zhao 吴=Wu 周=Zhou \
            徐=Xu 孙=Sun 马=Ma 朱=Zhu 胡=Hu 郭=Guo 何=He 林=Lin 欧阳=Ouyang 罗=Luo",
        female: "秀英=Xiuying 丽=Li 静=Jing 芳=Fang 桂兰=Guilan 玉梅=Yumei 雪=Xue 婷婷=Tingting \
            美玲=Meiling 晓燕=Xiaoyan 淑珍=Shuzhen 佳怡=Jiayi 欣怡=Xinyi 红=Hong",
        male: "伟=Wei 强=Qiang 建国=Jianguo 军=Jun 磊=Lei 志强=Zhiqiang 明=Ming 浩=Hao \
            国华=Guohua 子轩=Zixuan 文=Wen 德明=Deming 海涛=Haitao 勇=Yong",
    },
    Culture {
        weight: 90,
        language: "Hindi",
        shape: Shape::Plain,
        families: "शर्मा=Sharma वर्मा=Verma गुप्ता=Gupta सिंह=Singh यादव=Yadav मिश्रा=Mishra \
            पटेल=Patel जोशी=Joshi तिवारी=Tiwari चौधरी=Chaudhary अग्रवाल=Agarwal थापा=Thapa \
            श्रेष्ठ=Shrestha देशमुख=Deshmukh",
        female: "प्रिया=Priya अनीता=Anita सुनीता=Sunita कविता=Kavita लक्ष्मी=Lakshmi \
            सीता=Sita राधा=Radha पूजा=Pooja मीना=Meena गीता=Geeta आशा=Asha ज्योति=Jyoti",
        male: "राहुल=Rahul अमित=Amit सुरेश=Suresh राजेश=Rajesh विजय=Vijay अर्जुन=Arjun \
            कृष्ण=Krishna रमेश=Ramesh संजय=Sanjay मोहन=Mohan दीपक=Deepak अनिल=Anil",
    },
    Culture {
        weight: 60,
        language: "Amharic",
        shape: Shape::FathersName,
        families: "",
        female: "ሰላም=Selam ትዕግስት=Tigist አስቴር=Aster ማርታ=Marta ሄለን=Helen ብርቱካን=Birtukan \
            አልማዝ=Almaz ፀሐይ=Tsehay ሣራ=Sara ጥሩነሽ=Tirunesh ወይንሸት=Weynshet መሠረት=Meseret",
        male: "አበበ=Abebe ከበደ=Kebede ተስፋዬ=Tesfaye ዳዊት=Dawit ዮሐንስ=Yohannes ኃይሌ=Haile \
            በቀለ=Bekele ሙሉጌታ=Mulugeta ገብረ=Gebre ሰሎሞን=Solomon ታደሰ=Tadesse ግርማ=Girma",
    },
    Culture {
        weight: 25,
        language: "Korean",
        shape: Shape::Plain,
        families: "김=Kim 이=Lee 박=Park 최=Choi 정=Jung 강=Kang 조=Cho 윤=Yoon 장=Jang 임=Lim",
        female: "서연=Seoyeon 지우=Jiwoo 민지=Minji 영희=Younghee 수진=Sujin 은정=Eunjung \
            하은=Haeun 미경=Mikyung",
        male: "민준=Minjun 서준=Seojun 영수=Youngsoo 현우=Hyunwoo 지훈=Jihoon 성호=Sungho \
            도윤=Doyun 철수=Chulsoo",
    },
    Culture {
        weight: 25,
        language: "Japanese",
        shape: Shape::Plain,
        families: "佐藤=Satō 鈴木=Suzuki 高橋=Takahashi 田中=Tanaka 渡辺=Watanabe 伊藤=Itō \
            山本=Yamamoto 中村=Nakamura 小林=Kobayashi",
        female: "陽菜=Hina 結衣=Yui さくら=Sakura 美咲=Misaki 和子=Kazuko 恵子=Keiko \
            由美子=Yumiko 花子=Hanako",
        male: "翔太=Shōta 蓮=Ren 大輔=Daisuke 健一=Ken'ichi 浩=Hiroshi 太郎=Tarō 誠=Makoto \
            勇=Isamu",
    },
    Culture {
        weight: 20,
        language: "Hebrew",
        shape: Shape::Plain,
        families: "כהן=Cohen לוי=Levi מזרחי=Mizrahi פרץ=Peretz ביטון=Biton דהן=Dahan \
            אברהם=Avraham פרידמן=Friedman",
        female: "נועה=Noa תמר=Tamar מיכל=Michal שרה=Sarah רחל=Rachel יעל=Yael אסתר=Ester \
            רבקה=Rivka",
        male: "דוד=David משה=Moshe יוסף=Yosef אריאל=Ariel יצחק=Yitzhak נועם=Noam אורי=Uri \
            אבנר=Avner",
    },
    Culture {
        weight: 20,
        language: "Thai",
        shape: Shape::Plain,
        families: "ศรีสุข=Srisuk ทองดี=Thongdee แก้วมณี=Kaewmanee บุญมี=Boonmee วงศ์ใหญ่=Wongyai \
            สายทอง=Saithong",
        female: "สมหญิง=Somying มาลี=Malee วันเพ็ญ=Wanpen สุดา=Suda อรทัย=Orathai นภา=Napa",
        male: "สมชาย=Somchai ประเสริฐ=Prasert วิชัย=Wichai สุรชัย=Surachai ธนา=Thana อนันต์=Anan",
    },
    Culture {
        weight: 30,
        language: "Tamil",
        shape: Shape::FathersName,
        families: "",
        female: "மீனாட்சி=Meenakshi கவிதா=Kavitha லதா=Latha வள்ளி=Valli தேவி=Devi \
            பிரியா=Priya சரஸ்வதி=Saraswathi செல்வி=Selvi",
        male: "முருகன்=Murugan செல்வம்=Selvam குமார்=Kumar ராஜா=Raja சுரேஷ்=Suresh \
            கண்ணன்=Kannan வேலு=Velu அருண்=Arun",
    },
    Culture {
        weight: 10,
        language: "Georgian",
        shape: Shape::Plain,
        families: "ბერიძე=Beridze კაპანაძე=Kapanadze გელაშვილი=Gelashvili მაისურაძე=Maisuradze \
            ლომიძე=Lomidze",
        female: "ნინო=Nino მარიამ=Mariam თამარ=Tamar ნათია=Natia ქეთევან=Ketevan",
        male: "გიორგი=Giorgi დავით=Davit ლევან=Levan ზურაბ=Zurab ნიკა=Nika",
    },
];
