//! Names written in Latin letters. A space separates names, `_` stands for a blank inside one,
//! `/` separates the form of men from that of women.

use super::{Culture, Shape};

pub(super) static LATIN: [Culture; 12] = [
    Culture {
        weight: 120,
        language: "English",
        shape: Shape::Plain,
        families: "Mensah Owusu Boateng Asante Osei Agyeman Appiah Acheampong Amoah Ansah Antwi \
            Quaye Lamptey Tetteh Addo Darko Ofori Sarpong Nkrumah Frimpong Baidoo Quansah Arthur",
        female: "Ama Akua Abena Adwoa Yaa Efua Esi Akosua Araba Afia Adjoa Serwaa Dzifa Naa \
            Comfort Grace Mercy Patience Beatrice Gifty",
        male: "Kofi Kwame Yaw Kwaku Kojo Kwesi Kwabena Fiifi Ebo Nii Kodjo Selorm Emmanuel \
            Samuel Isaac Joseph Daniel Ebenezer Prince Francis",
    },
    Culture {
        weight: 90,
        language: "English",
        shape: Shape::Plain,
        families: "Okafor Adeyemi Eze Okonkwo Balogun Ọláńrewájú Nwosu Ibrahim Bello Chukwu \
            Adébáyọ̀ Obi Ogunleye Onyeka Uche Akinwande Nnamdi Danjuma Yakubu Etim Ekpo Ojo",
        female: "Ngozi Chiamaka Adaeze Folake Yetunde Ifeoma Amarachi Títílayọ̀ Zainab Hauwa \
            Funmilayo Chioma Kehinde Taiwo Blessing Joy Halima Nneka Simisola Ebele",
        male: "Chinedu Emeka Tunde Olúwaṣeun Ifeanyi Obinna Musa Sani Femi Kayode Chukwuemeka \
            Taiwo Kehinde Segun Uchenna Abubakar Godwin Sunday Kelechi Babatunde",
    },
    Culture {
        weight: 80,
        language: "Swahili",
        shape: Shape::Plain,
        families: "Mwangi Otieno Wanjala Kamau Njoroge Kiprop Achieng Mutua Odhiambo Wambui \
            Kariuki Chebet Mollel Mushi Kimaro Massawe Juma Hamisi Salum Ochieng Wekesa Barasa",
        female: "Wanjiku Akinyi Neema Zawadi Rehema Mwanaisha Atieno Njeri Subira Baraka Asha \
            Fatuma Amani Chausiku Nyambura Jepkosgei Salma Halima Mumbi Pendo",
        male: "Kamau Juma Baraka Ochieng Kiplagat Hamisi Rashidi Mutiso Jabali Omondi Bakari \
            Simba Njuguna Kipchoge Selemani Athumani Mosi Imani Musyoka Kibet",
    },
    Culture {
        weight: 110,
        language: "English",
        shape: Shape::Compound,
        families: "Taylor Hughes O'Connor Bennett Walsh Carter Murphy Edwards Fletcher Hayes \
            Palmer Reid Shaw Wallace Webster MacLeod Nicholson Barlow Griffiths Byrne Lowe Flynn",
        female: "Emily Charlotte Siân Niamh Harriet Alice Lucy Eleanor Margaret Joan Dorothy \
            Imogen Sinéad Phoebe Heather Rosemary Sheila Gemma Kirsty Pauline",
        male: "Oliver George Harry Seán Callum Thomas Arthur Leonard Kenneth Nigel Rhys Owen \
            Gareth Alistair Duncan Keith Stanley Ryan Liam Edward",
    },
    Culture {
        weight: 100,
        language: "Spanish",
        shape: Shape::TwoFamilies,
        families: "García Rodríguez Muñoz Hernández López Pérez Sánchez Ramírez Núñez Gutiérrez \
            Jiménez Vázquez Ibáñez Castañeda Quiñones Peña Domínguez Álvarez Fernández Ordóñez",
        female: "María Lucía Sofía Ximena Concepción Inés Belén Rocío Ángela Begoña Noemí \
            Carmen Pilar Guadalupe Verónica Mónica Itzel Yolanda Catalina Paloma",
        male: "José Ángel Joaquín Íñigo Andrés Sebastián Martín Raúl Óscar Rubén Agustín \
            Javier Diego Emilio Ramón Jesús Nicolás Tomás Germán Adrián",
    },
    Culture {
        weight: 60,
        language: "Portuguese",
        shape: Shape::TwoFamilies,
        families: "Gonçalves Araújo Conceição Magalhães Simões Guimarães Assunção Fagundes \
            Nóbrega Falcão Brandão Leitão Damião Saldanha Queirós Vasconcelos dos_Santos da_Silva",
        female: "Conceição Inês Letícia Antônia Lúcia Fátima Graça Assunção Beatriz Joana \
            Marília Luísa Helena Benedita Iracema Aparecida",
        male: "João Sebastião Luís Antônio Estêvão Vinícius Caetano Flávio Otávio Mário Rui \
            Tiago Anselmo Benedito Damião Inácio",
    },
    Culture {
        weight: 50,
        language: "French",
        shape: Shape::Plain,
        families: "Lefèvre Béranger Gauthier Rousseau Françoise Pelletier Desrosiers Lemaître \
            Traoré Coulibaly Diallo Kouamé Koné N'Diaye Mbemba Hébert Crépin Noël Guérin Thévenet",
        female: "Élodie Chloé Zoé Héloïse Geneviève Aïssatou Fatoumata Mariam Odile Cécile \
            Anaïs Joséphine Thérèse Aminata Océane Bénédicte",
        male: "François René Étienne Loïc Jérôme Moussa Mamadou Thibault Benoît Cédric Gaël \
            Stéphane Ibrahima Raphaël Théo Aurélien",
    },
    Culture {
        weight: 40,
        language: "German",
        shape: Shape::Plain,
        families: "Müller Schröder Köhler Weiß Jäger Böhm Krüger Lindqvist Sjöberg Åkesson \
            Nygård Søndergaard Østby Hämäläinen Mäkelä Virtanen Þórðarson Groß Strauß Höfler",
        female: "Jutta Käthe Björk Åsa Solveig Märta Änne Liesel Heike Gudrun Ingrid Tuuli \
            Aino Sigríður Margarethe Frøydis",
        male: "Jürgen Björn Søren Håkon Günther Jörg Åke Väinö Rüdiger Øyvind Lars Helmut \
            Torbjörn Matti Sigurður Uwe",
    },
    Culture {
        weight: 40,
        language: "Polish",
        shape: Shape::Plain,
        families: "Wiśniewski/Wiśniewska Kowalczyk Zieliński/Zielińska Wójcik Łukaszewicz \
            Dąbrowski/Dąbrowska Żukowski/Żukowska Novák/Nováková Dvořák/Dvořáková \
            Černý/Černá Horváth Kovačević Šimić Đorđević Čermák/Čermáková Błaszczyk",
        female: "Małgorzata Łucja Zofia Agnieszka Božena Žofie Jiřina Světlana Željka Božica \
            Krystyna Jadwiga Růžena Ljiljana Halina Śnieżana",
        male: "Łukasz Paweł Wojciech Zdzisław Jiří Ondřej Břetislav Željko Đuro Mirosław \
            Grzegorz Čedomir Tomáš Stanisław Václav Bogusław",
    },
    Culture {
        weight: 40,
        language: "Turkish",
        shape: Shape::Plain,
        families: "Yılmaz Çelik Şahin Öztürk Kılıç Aydın Güneş Doğan Aslan Işık Gökçe Uçar \
            Özdemir Şimşek Korkmaz Ünal Bozkurt Ekinci",
        female: "Ayşe Gülşen İpek Özlem Çiğdem Şebnem Fatma Zübeyde Nurgül Tuğçe Hülya Işıl \
            Müzeyyen Sevgi Bahar Ülkü",
        male: "Mehmet Çağlar Ömer Şükrü İsmail Oğuz Yiğit Gökhan Ertuğrul Hüseyin Kâzım Uğur \
            Cüneyt Bülent Volkan Işık",
    },
    Culture {
        weight: 50,
        language: "Vietnamese",
        shape: Shape::Plain,
        families: "Nguyễn Trần Lê Phạm Huỳnh Hoàng Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý",
        female: "Thị_Hương Thị_Lan Ngọc_Ánh Thu_Hà Bích_Ngọc Thị_Mỹ Kim_Liên Tuyết Như_Quỳnh \
            Diệu_Linh Thùy_Dung Hồng_Nhung Mai_Phương Cẩm_Tú Thị_Tư Ngọc_Trâm",
        male: "Văn_Minh Đức_Anh Quốc_Hùng Thanh_Tùng Văn_Đạt Hữu_Phước Công_Vinh Xuân_Trường \
            Minh_Khôi Đình_Trọng Văn_Sơn Bảo_Long Trọng_Nghĩa Gia_Huy Văn_Tám Tấn_Phát",
    },
    Culture {
        weight: 40,
        language: "Indonesian",
        shape: Shape::Mononym,
        families: "",
        female: "Sulastri Wahyuni Sukarsih Ratnasari Kartini Sumiati Pertiwi Widyaningsih \
            Suharti Lestari Purwanti Endangsih Rukmini Yuliana Setiawati Ngatini",
        male: "Suharto Suparman Wibowo Sugianto Hartono Slamet Sutrisno Budiman Paijo Widodo \
            Supriyadi Mulyono Sudarsono Prayitno Gunadi Ngatimin",
    },
];
